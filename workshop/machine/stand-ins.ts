// For the tests of `npm start` on macOS and Windows: in place of vagrant, sudo and npm stand programs that note what they were
// asked, and the workshop's start is a process of its own, told that it is on macOS.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { ExecutionContext } from 'ava';
import { reader } from '../testing/terminal.ts';

/** The state is a file; `ssh -c` runs its command in a shell of this machine, with the machine's folder in another place. */
const vagrant = `#!/bin/sh
echo "$(basename "$PWD"): $*" >>"$PLACE/asked"
case $1 in
  status) echo "1,default,metadata,provider,virtualbox"; printf '2,default,state,%s\\r\\n' "$(cat "$PLACE/state")"
    [ "$(cat "$PLACE/state")" != no-provider ] || echo "3,,error-exit,Vagrant::Errors::NoDefaultProvider,No usable" ;;
  up) echo "Bringing machine up"; trap 'sleep 0.2; echo tidied >>"$PLACE/asked"; exit 1' INT
    [ ! -e "$PLACE/slow" ] || { echo slow; sleep 20; }
    [ ! -e "$PLACE/broken" ] || exit 4
    echo running >"$PLACE/state" ;;
  ssh) eval "last=\\$$#"; exec sh -c "$(echo "$last" | sed "s:/boxwright:$PLACE:")" ;;
esac
`;
const sudo = '#!/bin/sh\nexec "$@"\n';
const npm = `#!/bin/sh
shift 3; for each; do echo "<$each>"; done
[ ! -t 1 ] || echo terminal
echo apart >&2
[ ! -e "$PLACE/raw" ] || { stty raw -echo; echo ready; head -c 1 | od -An -tu1; stty sane; }
exit 7
`;

/** A folder with the stand-ins, first on the path; `asked` is what vagrant was asked for. */
export function place(t: ExecutionContext, state: string) {
  const path = mkdtempSync(`${tmpdir()}/boxwright-elsewhere-`);
  t.teardown(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries({ vagrant, sudo, npm }))
    writeFileSync(`${path}/${name}`, text, { mode: 0o755 });
  writeFileSync(`${path}/state`, state);
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${path}:${process.env.PATH}`, PLACE: path };
  const asked = () => (existsSync(`${path}/asked`) ? readFileSync(`${path}/asked`, 'utf8').trim().split('\n') : []);
  return { path, env, asked };
}

const module = JSON.stringify(new URL('./elsewhere.mjs', import.meta.url).href);
const source = `const [platform, ...args] = process.argv.slice(1);
const { carryOn } = await import(${module}); process.exitCode = await carryOn(platform, args);`;
const words = (args: string[]) => ['--input-type=module', '-e', source, '--', 'darwin', ...args];

export async function start(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(process.execPath, words(args), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
  const [status] = await once(child, 'close');
  return { status, stdout: stdout(), stderr: stderr() };
}

function gather(stream: NodeJS.ReadableStream) {
  let text = '';
  stream.on('data', chunk => (text += chunk));
  return () => text;
}

/** On a terminal of its own; script(1) ends with the command's status. */
export function onTerminal(t: ExecutionContext, env: NodeJS.ProcessEnv, ...args: string[]) {
  const line = [process.execPath, ...words(args)].map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  // A shell that stayed would answer Ctrl-C too, with a status of its own: dash does.
  const child: ChildProcess = spawn('script', ['-qec', `exec ${line}`, '/dev/null'], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGHUP'));
  return { press: (keys: string) => child.stdin?.write(keys), text: reader(child), ended: once(child, 'close') };
}
