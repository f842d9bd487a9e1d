// Mistakes that can be made in any lesson: this call, with this errno, in this situation. A lesson adds its own.
import type { Diagnosis, Evidence } from './registry.ts';

/** A call that was refused, recognised by its name, errno and more, and what to make of it. */
function refused(
  id: string,
  name: string,
  code: string,
  means: string | ((evidence: Evidence) => string | null),
  look: string,
): Diagnosis {
  return {
    id,
    explain(evidence) {
      const error = evidence.error?.error;
      if (error?.syscall !== name || error.code !== code) return null;
      const meaning = typeof means === 'string' ? means : means(evidence);
      return meaning === null ? null : { means: meaning, look };
    },
  };
}

export const generalDiagnoses: Diagnosis[] = [
  {
    id: 'not-executed',
    explain: ({ error, trace }) =>
      error?.kind === 'silent' &&
      trace.length > 0 &&
      !trace.some(call => call.name === 'execve' && call.result === 0) && {
        means:
          'The process never became the command: it still waits on the wire for its next call, and so it cannot end.',
        look: 'execute, or execve(2): the last call of every container',
      },
  },
  {
    id: 'never-returns',
    explain: ({ error }) =>
      error?.kind === 'silent' && {
        means:
          'Your code did not come to an end. An endless loop, or an await on something that never happens: `box.exited` ' +
          'settles only when the command has ended.',
        look: 'every `while`, and every `await` that is not a call of the box',
      },
  },
  {
    id: 'process-ended',
    explain: ({ error }) =>
      error?.kind === 'ended' && {
        means: `${error.message}. Something called process.exit(), or signalled more processes than it meant to.`,
        look: 'process.exit, process.kill, kill(-1)',
      },
  },
  {
    id: 'does-not-load',
    explain({ error, trace }) {
      if (error?.kind !== 'threw' || trace.length > 0 || error.error?.name !== 'SyntaxError') return null;
      return {
        did: 'loaded your file',
        means: `It is not yet a program: ${error.error.message}`,
        look: 'the line above',
      };
    },
  },
  {
    id: 'wire-closed',
    explain({ error, trace }) {
      if (error?.error?.name !== 'WireError') return null;
      const closed = trace.find(
        call => ['close', 'close_range', 'dup3'].includes(call.name) && /[( ]3[,)](?!.*CLOEXEC)/.test(call.text),
      );
      return (
        closed && {
          kernel: closed.text,
          means:
            'Descriptor 3 is the wire on which the process hears what to do. Closed, it hears nothing more, and ends. It is ' +
            'closed on exec already: mark the others to be closed then too, instead of closing them now.',
          look: 'close_range(2), CLOSE_RANGE_CLOEXEC',
        }
      );
    },
  },
  {
    id: 'call-after-exec',
    explain({ error, trace }) {
      const exec = trace.findIndex(call => call.name === 'execve' && call.result === 0);
      if (error?.error?.name !== 'WireError' || exec < 0 || exec === trace.length - 1) return null;
      return {
        kernel: `${trace[exec]?.text}\n${trace[exec + 1]?.text ?? ''}`,
        means:
          'execve succeeded, so the process is the command now, and nobody listens on the wire. It must be the last call.',
        look: 'execve(2)',
      };
    },
  },
  refused(
    'unshare-user-threads',
    'unshare',
    'EINVAL',
    'A flag that this kernel does not know, or a combination that it does not allow.',
    'unshare(2), ERRORS',
  ),
  refused(
    'no-privilege',
    'unshare',
    'EPERM',
    'This process may not make such a namespace: it has lost the privilege, or never had it.',
    'namespaces(7)',
  ),
  refused(
    'pivot-root-not-a-mount',
    'pivot_root',
    'EINVAL',
    ({ find }) =>
      find('mount', /MS_BIND/)
        ? null
        : 'pivot_root wants a mount point for its new root, and a folder is none until something is mounted on it. A folder ' +
          'that is bound to itself is one.',
    'pivot_root(2), ERRORS: EINVAL',
  ),
  refused(
    'busy',
    'pivot_root',
    'EBUSY',
    'The new root is on the same mount as the present one, or is the present one.',
    'pivot_root(2), ERRORS: EBUSY',
  ),
  refused(
    'mount-no-such-path',
    'mount',
    'ENOENT',
    ({
      error,
    }) => `The target, or what is to be bound there, does not exist for this process: ${error?.error?.call}. Paths are \
looked up in the root that the process has at that moment.`,
    'mount(2), ERRORS: ENOENT',
  ),
  refused(
    'mount-not-a-directory',
    'mount',
    'ENOTDIR',
    'A file can only be mounted on a file, and a folder only on a folder.',
    'mount(2), ERRORS: ENOTDIR',
  ),
  refused(
    'exec-no-such-file',
    'execve',
    'ENOENT',
    ({ find }) =>
      find('chroot') || find('pivot_root')
        ? 'There is no such program in the new root. Or there is, and the interpreter that it names is not.'
        : 'There is no such program at this path. execve does not search PATH: that is for its caller.',
    'execve(2), ERRORS: ENOENT',
  ),
];
