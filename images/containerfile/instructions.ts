// A line into an instruction: which one it is, its flags, its arguments in the form that it takes. What the words mean, with variables
// replaced, is only known when it is its turn. Dockerfile reference
import { ContainerfileError, type Place } from './errors.ts';
import { listAt, parseCommand, parseCopy, parseFrom, parsePairs } from './forms.ts';
import type { HereDocument, Line } from './lines.ts';
import { nearest } from './nearest.ts';
import { takeFlags, type Word, wordAt } from './words.ts';

/** A string is for the shell, a list is a program and its arguments. */
export type Command = string | string[];
export type Pair = { name: Word; value?: Word };

interface Common {
  place: Place;
  /** As it was written, on one line. */
  text: string;
  flags: Map<string, Word>;
}
export type From = Common & { kind: 'FROM'; image: Word; as?: string };
export type Copy = Common & { kind: 'COPY' | 'ADD'; sources: Word[]; target: Word; documents: HereDocument[] };
export type Instruction =
  | From
  | Copy
  | (Common & { kind: 'RUN' | 'CMD' | 'ENTRYPOINT' | 'SHELL'; command: Command })
  | (Common & { kind: 'ENV' | 'LABEL'; pairs: Pair[] })
  | (Common & { kind: 'ARG'; pairs: Pair[] })
  | (Common & { kind: 'WORKDIR' | 'USER' | 'STOPSIGNAL' | 'MAINTAINER'; value: Word })
  | (Common & { kind: 'EXPOSE' | 'VOLUME'; values: Word[] })
  | (Common & { kind: 'HEALTHCHECK' | 'ONBUILD' });

const flagsOf: Record<Instruction['kind'], readonly string[]> = {
  ...{
    FROM: ['platform'],
    COPY: ['from', 'chown', 'chmod', 'link'],
    ADD: ['chown', 'chmod', 'link'],
    RUN: ['network'],
  },
  ...{ HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'] },
  ...{ CMD: [], ENTRYPOINT: [], SHELL: [], ENV: [], LABEL: [], ARG: [], WORKDIR: [], USER: [], STOPSIGNAL: [] },
  ...{ MAINTAINER: [], EXPOSE: [], VOLUME: [], ONBUILD: [] },
};
const kinds = Object.keys(flagsOf) as Instruction['kind'][];

export function parseInstruction(line: Line): Instruction {
  const [written = ''] = /^\S+/.exec(line.text) ?? [];
  const kind = kinds.find(each => each === written.toUpperCase());
  if (!kind) {
    const meant = nearest(written, kinds);
    throw new ContainerfileError(
      line.place(0),
      `no such instruction: ${written}`,
      meant ? `did you mean ${meant}?` : `there is ${kinds.join(' ')}`,
    );
  }
  const { flags, rest } = takeFlags(line, written.length, flagsOf[kind]);
  const start = rest + (/\S/.exec(line.text.slice(rest))?.index ?? line.text.length - rest);
  const common = { place: line.place(0), text: line.text.replace(/\s+/g, ' '), flags };
  if (start >= line.text.length)
    throw new ContainerfileError(line.place(line.text.length), `${kind} wants ${wanted[kind]}`);

  switch (kind) {
    case 'FROM':
      return { ...common, kind, ...parseFrom(line, start) };
    case 'COPY':
    case 'ADD':
      return { ...common, kind, documents: line.documents, ...parseCopy(line, start, kind) };
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
    case 'SHELL':
      return { ...common, kind, command: parseCommand(line, start, kind) };
    case 'ENV':
    case 'LABEL':
    case 'ARG':
      return { ...common, kind, pairs: parsePairs(line, start, kind) };
    case 'WORKDIR':
    case 'USER':
    case 'STOPSIGNAL':
    case 'MAINTAINER':
      return { ...common, kind, value: wordAt(line, start) };
    case 'EXPOSE':
    case 'VOLUME':
      return { ...common, kind, values: listAt(line, start) };
    default:
      return { ...common, kind };
  }
}

/** For the error when there is nothing behind an instruction. */
const wanted: Record<Instruction['kind'], string> = {
  ...{
    FROM: 'an image',
    COPY: 'a source and a target',
    ADD: 'a source and a target',
    RUN: 'a command',
    CMD: 'a command',
  },
  ...{
    ENTRYPOINT: 'a command',
    SHELL: 'a list, ["/bin/sh", "-c"]',
    ENV: 'name=value',
    LABEL: 'name=value',
    ARG: 'a name',
  },
  ...{
    WORKDIR: 'a path',
    USER: 'a user',
    STOPSIGNAL: 'a signal',
    MAINTAINER: 'a name',
    EXPOSE: 'a port',
    VOLUME: 'a path',
  },
  ...{ HEALTHCHECK: 'NONE, or CMD and a command', ONBUILD: 'an instruction' },
};
