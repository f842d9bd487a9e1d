// '#check': what a lesson's checks are written with. The same file serves two runners: ours, which is warm, and plain AVA,
// where every task is a test.
import { type Diagnosis, isCollecting, registered, type TaskBody } from './registry.ts';

export { Box, Context, type Finding, LearnerError } from './context.ts';
export * from './network.ts';
export type { Diagnosis, Evidence } from './registry.ts';
export type { TraceLine } from './report.ts';

// package.json's configuration of AVA sets the variable: importing AVA anywhere else is an error.
const ava = process.env.BOXWRIGHT_AVA && !isCollecting() ? (await import('./ava.ts')).register : null;

/**
 * One task of the lesson, by its id in the manifest. The body throws, through t's assertions, when it is not fulfilled.
 * `fresh`: in a sandbox of its own, for a check that would spoil it for the next. `privileged`: in one whose root is the machine's,
 * for a task that needs the feature 'guest'.
 */
export function task(id: string, body: TaskBody, { fresh = false, privileged = false } = {}): void {
  registered().tasks.set(id, { body, fresh, privileged });
  if (ava && !isCollecting()) ava(id);
}

/** Recognises a mistake when a task has failed, and says it better than the task could. */
export function diagnosis(id: string, explain: Diagnosis['explain'], tasks?: string[]): void {
  registered().diagnoses.push({ id, explain, ...(tasks && { tasks }) });
}

/** What `contain` gets in this lesson unless a check says otherwise. */
export function defaults(spec: Record<string, unknown>): void {
  Object.assign(registered().defaults, spec);
}
