// What a check says: the verdict on a lesson, a line a task, and the four things that a failure tells. Data only.

/** The four parts of every failure. */
export interface Feedback {
  /** What the check did. */
  did: string;
  /** What the kernel said: lines of facts, or of the trace. */
  kernel: string;
  /** What that means. */
  means: string;
  /** Where to look: the learner's line, a TODO, a section, a man page. */
  look: string;
}

export interface TaskReport {
  id: string;
  title: string;
  points: number;
  /** 'blocked': not tried, because the lesson's function did not get that far for another task's reason. */
  status: 'pass' | 'fail' | 'skip' | 'blocked';
  /** With 'fail'. */
  feedback?: Feedback;
  /** The diagnosis that recognised the mistake, when one did. */
  diagnosis?: string;
  /** With 'skip' and 'blocked': the true reason. */
  reason?: string;
  /** The system calls of the containers that the task started, in strace's notation, with the learner's lines. */
  trace: TraceLine[];
  milliseconds: number;
}

export interface TraceLine {
  pid: number;
  /** 'mount' */
  name: string;
  /** `mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0` */
  text: string;
  /** The negative errno for a failure; null without an answer. */
  result: number | null;
  /** 'EINVAL', for a failure. */
  code: string | null;
  /** The line of the lesson's file that led to it; null when it came from elsewhere. */
  line: number | null;
  /** The source line's file, relative to the repository: 'lessons/03-mount-namespace/mount-namespace.ts'. */
  file: string | null;
}

export interface LessonReport {
  lesson: string;
  title: string;
  /** 'pass' when no task failed or was blocked, at least one passed, and nothing was left behind; 'skip' when all were skipped. */
  status: 'pass' | 'fail' | 'skip';
  points: number;
  outOf: number;
  tasks: TaskReport[];
  /** The lesson's file could not be loaded: the error, as the learner should read it. */
  error?: string;
  /** What the lesson's code left behind in the sandbox. */
  leaks: string[];
  /** Where the checks ran, when that was not on this machine, and why: a clause for the reader. */
  place?: string;
  milliseconds: number;
}
