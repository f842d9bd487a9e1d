// A Containerfile: what is said before the first FROM, and the stages.
import { ContainerfileError, type Place } from './errors.ts';
import { type From, type Instruction, parseInstruction } from './instructions.ts';
import { readLines } from './lines.ts';

export interface Stage {
  from: From;
  /** What is behind FROM. */
  instructions: Instruction[];
  /** How others name it in FROM and in COPY --from: by its name, or by its number from 0. */
  index: number;
  name?: string;
}

export interface Containerfile {
  /** ARGs before the first FROM: for the FROMs, and for stages that declare them again. */
  args: Extract<Instruction, { kind: 'ARG' }>[];
  stages: Stage[];
  /** What is no error and surely not meant. */
  warnings: { place: Place; message: string }[];
}

/** `file` is the name that errors call it by. Throws ContainerfileError. */
export function parseContainerfile(source: string, file = 'Containerfile'): Containerfile {
  const result: Containerfile = { args: [], stages: [], warnings: [] };
  for (const line of readLines(source, file)) {
    const instruction = parseInstruction(line);
    const stage = result.stages.at(-1);
    if (instruction.kind === 'FROM') addStage(result, instruction);
    else if (stage) stage.instructions.push(instruction);
    else if (instruction.kind === 'ARG') result.args.push(instruction);
    else
      throw new ContainerfileError(
        instruction.place,
        `${instruction.kind} before the first FROM`,
        'begin with FROM, or with ARG',
      );
    warn(result, instruction);
  }
  if (result.stages.length === 0)
    throw new ContainerfileError(
      { file, line: 1, column: 1 },
      'there is no FROM',
      'begin with FROM scratch, or an image',
    );
  return result;
}

function addStage({ stages }: Containerfile, from: From): void {
  const { as: name, place } = from;
  if (name && stages.some(stage => stage.name === name))
    throw new ContainerfileError(place, `there is a stage ${name} already`);
  stages.push({ from, instructions: [], index: stages.length, ...(name !== undefined && { name }) });
}

function warn({ warnings }: Containerfile, instruction: Instruction): void {
  const { kind, place } = instruction;
  const add = (message: string) => warnings.push({ place, message });
  if (kind === 'HEALTHCHECK' || kind === 'ONBUILD') add(`${kind} is ignored: an OCI image has no place for it`);
  if (kind === 'MAINTAINER')
    add('MAINTAINER is old; LABEL org.opencontainers.image.authors=… is what it is called now');
  const command = 'command' in instruction ? instruction.command : '';
  if ((kind === 'CMD' || kind === 'ENTRYPOINT') && typeof command === 'string' && command.startsWith('['))
    add(`${kind} looks like a list and is none, so that the shell gets it: strings stand in double quotes`);
}
