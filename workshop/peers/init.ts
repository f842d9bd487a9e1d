// A command under lesson 08's init, as it is in the solution, and nothing else of a container:
//   node workshop/peers/init.ts CMD ARGS…
import { exitStatus } from '../../solutions/01-process/process.ts';
import { startUnder } from './inits.ts';

// The terminal sends it to all; the command may be there before `startUnder` has returned.
process.on('SIGINT', () => {});
const box = await startUnder('ours', process.argv.slice(2));
process.exitCode = await exitStatus(box);
