// A class's rules from their file, in YAML. Whoever writes one makes mistakes in it and grades a hundred people by it: so nothing that is
// not understood is passed over, and every mistake is told with its line and what was expected there.
import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';
import { UserError } from '../errors.ts';
import { findLesson, type Lesson, pointsOf } from '../lessons.ts';
import { isMoment, parseDuration, parsePercent } from './amounts.ts';
import { plainRules } from './rules.ts';
import type { Rules } from './types.ts';

export function readRules(file: string, lessons: Lesson[]): Rules {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${file} cannot be read: ${code}`, 'name the file of the class’s rules', 2);
  }
  return parseRules(text, file, lessons);
}

type Node = ParsedNode | null;
/** What to do with the value of a key. */
type Fields = Record<string, (value: Node) => void>;

export function parseRules(text: string, file: string, lessons: Lesson[]): Rules {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const rules = plainRules(lessons);

  const mistake = (offset: number, message: string, next: string): never => {
    const { line, col } = counter.linePos(offset);
    throw new UserError(`${file}:${line || 1}:${col || 1}: ${message}`, next, 2);
  };
  const expected = (node: Node, what: string, example: string): never => {
    const found = isScalar(node)
      ? JSON.stringify(source(node))
      : isMap(node)
        ? 'keys'
        : isSeq(node)
          ? 'a list'
          : 'nothing';
    return mistake(
      node?.range[0] ?? 0,
      `${what} is expected here, and there is ${found}`,
      `write it like \`${example}\``,
    );
  };

  const [broken] = [...document.errors, ...document.warnings];
  if (broken) mistake(broken.pos[0], `no YAML: ${broken.message.split('\n')[0]}`, 'mend that line');

  /** Reads a map of known keys. */
  const each = (node: Node, what: string, example: string, fields: Fields, required: string[] = []) => {
    for (const { key, value, at } of pairs(node, what, example)) {
      const read = Object.hasOwn(fields, key) ? fields[key] : undefined;
      const known = Object.keys(fields).join(', ');
      if (read) read(value);
      else mistake(at, `${what} has no ${JSON.stringify(key)}`, `it may have: ${known}`);
    }
    for (const key of required)
      if (!(node as YAMLMap).has(key))
        mistake(node?.range[0] ?? 0, `${what} lacks ${key}`, `write it like \`${example}\``);
  };
  const pairs = (node: Node, what: string, example: string) => {
    if (!isMap(node)) return expected(node, what, example);
    return node.items.map(({ key, value }) => {
      if (!isScalar(key)) return expected(key, 'a name', example);
      return { key: source(key), value: value as Node, at: key.range?.[0] ?? 0 };
    });
  };
  /** One value, as it is written: YAML's own idea of what is a number or a date does not come in between. */
  const one =
    <T>(what: string, example: string, read: (text: string) => T | null) =>
    (node: Node): T => {
      const value = isScalar(node) ? read(source(node)) : null;
      return value ?? expected(node, what, example);
    };
  const title = one('a title', 'title: Containers, autumn 2026', text => text.trim() || null);
  const moment = one('a date with its time and offset', '2026-11-30T23:59:00+01:00', text =>
    isMoment(text) ? text : null,
  );
  const duration = one('a stretch of time', '1 day 12 h', parseDuration);
  const percent = one('a percentage from 0 to 100', '10', parsePercent);
  const amount = one('a number above 0', '1.5', text =>
    /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 ? Number(text) : null,
  );
  const whole = one('a whole number above 0', '512', text =>
    /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : null,
  );
  const positive = (node: Node) => duration(node) || expected(node, 'a stretch of time above 0', '1 day');

  const lesson = (text: string, at: number): Lesson => {
    try {
      const name = findLesson(text).name;
      return (
        lessons.find(each => each.name === name) ?? mistake(at, `lesson ${text} is not one of these`, 'leave it out')
      );
    } catch (error) {
      if (!(error instanceof UserError) || error.message.startsWith(`${file}:`)) throw error;
      return mistake(at, error.message, error.next);
    }
  };
  const readLessons = (node: Node) => {
    const example = '01: 2';
    const items = isSeq(node)
      ? node.items.map(item =>
          isScalar(item)
            ? { key: source(item), at: item.range?.[0] ?? 0, value: null }
            : expected(item as Node, 'a lesson', '- 01'),
        )
      : pairs(node, 'a list of lessons, or lessons with their weights,', example);
    rules.lessons = [];
    for (const { key, value, at } of items) {
      const { name, ...rest } = lesson(key, at);
      if (rules.lessons.some(each => each.name === name)) mistake(at, `lesson ${key} is there twice`, 'leave one out');
      rules.lessons.push({ name, weight: isSeq(node) ? pointsOf({ name, ...rest }) : amount(value) });
    }
    if (rules.lessons.length === 0) expected(node, 'at least one lesson', example);
    rules.lessons.sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  if (document.contents === null) return rules;
  each(document.contents, 'a class’s rules', 'due: 2026-11-30T23:59:00+01:00', {
    title: node => (rules.title = title(node)),
    lessons: readLessons,
    due: node => (rules.due = moment(node)),
    grace: node => (rules.grace = duration(node)),
    late(node) {
      const late = { percent: 0, every: 86_400, most: 100, until: null as number | null };
      const example = 'late: { percent: 10, every: 1 day, most: 50, until: 7 days }';
      const fields: Fields = {
        percent: value => (late.percent = percent(value)),
        every: value => (late.every = positive(value)),
        most: value => (late.most = percent(value)),
        until: value => (late.until = duration(value)),
      };
      each(node, 'a rule for what is late', example, fields, ['percent']);
      rules.late = late;
    },
    people(node) {
      const example = 'alice: { due: 2026-12-07T23:59:00+01:00 }';
      for (const { key, value } of pairs(node, 'a list of people', example)) {
        const own: Rules['people'][string] = {};
        each(value, 'a person’s own dates', example, {
          at: value => (own.at = moment(value)),
          due: value => (own.due = moment(value)),
        });
        Object.defineProperty(rules.people, key, { value: own, enumerable: true, configurable: true, writable: true });
      }
    },
    bounds(node) {
      rules.bounds = { ...rules.bounds };
      each(node, 'a machine’s bounds', 'bounds: { seconds: 120, memory: 512, output: 1000000 }', {
        seconds: value => (rules.bounds.seconds = amount(value)),
        memory: value => (rules.bounds.memory = whole(value)),
        output: value => (rules.bounds.output = whole(value)),
      });
    },
  });
  return rules;
}

/** A scalar as it stands there: `01` is a lesson, and not the number 1. */
function source(node: { source?: string; value: unknown }): string {
  return node.source ?? String(node.value ?? '');
}
