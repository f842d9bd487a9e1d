// What an expression of the checks comes to, without running them. What is not known is assumed: whether a condition holds, at which row a
// loop is, which of its calls a function has. An assumption holds for the rest of a case, so that a finding's id and its words belong
// together; and there are as many cases as there are ways to assume.
import type { AnyNode, ArrayExpression, Identifier, ObjectExpression, Pattern } from 'acorn';
import { type AnyFunction, isFunction, type Tree } from './tree.ts';

export interface Case {
  tree: Tree;
  /** Whether a text's condition holds; a table's key, by its text; a function's arguments; a loop's row. */
  assumed: Map<AnyNode | string, unknown>;
  /** One of so many ways. */
  way(count: number): number;
  /** In words, what differs from row to row or from call to call stays open. */
  inWords: boolean;
}

export type Value = Open | Table | AnyFunction | string | number | boolean | null | undefined;
type Table = ObjectExpression | ArrayExpression;
/** What is only known when the checks run. */
type Open = { type: 'open'; text: string };
type Entry = [name: string, value: AnyNode | null];

/** Of all cases, so many are looked at. */
const enough = 200;

/** What is told of each case: each time from the beginning, one of the assumptions being another. */
export function inEachCase<T>(tree: Tree, tell: (given: Case) => T): T[] {
  const told: T[] = [];
  const ways: { taken: number; count: number }[] = [];
  do {
    const before = ways.values();
    const way = (count: number) => {
      const taken = before.next().value?.taken;
      if (taken === undefined) ways.push({ taken: 0, count });
      return taken ?? 0;
    };
    told.push(tell({ tree, assumed: new Map(), way, inWords: false }));
    for (let last = ways.at(-1); last && ++last.taken === last.count; last = ways.at(-1)) ways.pop();
  } while (ways.length > 0 && told.length < enough);
  return told;
}

function assume<T>(about: AnyNode | string, options: T[], given: Case): T {
  if (!given.assumed.has(about)) given.assumed.set(about, options[options.length > 1 ? given.way(options.length) : 0]);
  return given.assumed.get(about) as T;
}

export function valueAt(node: AnyNode | null | undefined, given: Case): Value {
  const { tree } = given;
  if (!node) return undefined;
  switch (node.type) {
    case 'Literal':
      return node.value as Value;
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return node;
    case 'TemplateLiteral':
      return [...node.quasis, ...node.expressions]
        .sort((a, b) => a.start - b.start)
        .map(part => (part.type === 'TemplateElement' ? part.value.cooked : written(part, given)))
        .join('');
    case 'ConditionalExpression':
      return valueAt(holds(node.test, given) ? node.consequent : node.alternate, given);
    case 'LogicalExpression':
      if (node.operator === '??') return valueAt(node.left, given) ?? valueAt(node.right, given);
      if (holds(node.left, given) === (node.operator === '&&')) return valueAt(node.right, given);
      return node.operator === '||' && valueAt(node.left, given);
    case 'BinaryExpression': {
      if (/[=<>]/.test(node.operator)) return holds(node, given);
      const isText = [node.left, node.right].some(each => typeof valueAt(each, given) === 'string');
      return isText ? written(node.left, given) + written(node.right, given) : open(node, given);
    }
    case 'ChainExpression':
      return valueAt(node.expression, given);
    case 'Identifier':
      return named(node, given);
    case 'MemberExpression': {
      const table = valueAt(node.object, given);
      if (!isTable(table) || (table.type === 'ArrayExpression' && !node.computed)) return open(node, given);
      return memberOf(table, node.computed ? valueAt(node.property, given) : tree.textOf(node.property), given);
    }
    case 'CallExpression': {
      const { callee } = node;
      if (/\.replace$/.test(tree.textOf(callee)) && callee.type === 'MemberExpression')
        return valueAt(callee.object, given);
      if (tree.textOf(callee) === 'Object.entries') return pairsOf(node.arguments[0], given);
      const called = valueAt(callee, given);
      const result = isFunction(called) ? resultOf(called, node.arguments, given) : open(node, given);
      return isOpen(result) ? open(node, given) : result;
    }
    default:
      return open(node, given);
  }
}

/** As it stands in a text. */
function written(node: AnyNode, given: Case): string {
  const value = valueAt(node, given);
  return /string|number/.test(typeof value)
    ? String(value)
    : `\0${isOpen(value) ? value.text : given.tree.textOf(node)}\0`;
}

export function holds(node: AnyNode, given: Case): boolean {
  const assumed = (text: string) => assume(`? ${text}`, [true, false], given);
  if (node.type === 'UnaryExpression' && node.operator === '!') return !holds(node.argument, given);
  if (node.type === 'LogicalExpression') {
    const left = holds(node.left, given);
    return left === (node.operator === '&&') ? holds(node.right, given) : left;
  }
  if (node.type !== 'BinaryExpression') {
    const value = valueAt(node, given);
    return isOpen(value) ? assumed(value.text) : Boolean(value);
  }
  // What is counted is never less than nothing.
  const isCount = node.operator === '>' && given.tree.textOf(node.right) === '0';
  if (!isCount && !/^[!=]==$/.test(node.operator)) return assumed(given.tree.textOf(node));
  const [left, right] = [valueAt(node.left, given), valueAt(node.right, given)];
  const text = isOpen(left) || isOpen(right) ? `${written(node.left, given)} ${written(node.right, given)}` : null;
  return (text === null ? left === right : assumed(text)) === node.operator.startsWith('=');
}

/** Whether one comes to this place, as far as the conditions around it say. */
export function isReached(node: AnyNode, given: Case): boolean {
  const [outer] = given.tree.around(node);
  if (!outer) return true;
  if (!isReached(outer, given)) return false;
  if (outer.type === 'ConditionalExpression' || outer.type === 'IfStatement')
    return node === outer.test || holds(outer.test, given) === (node === outer.consequent);
  if (outer.type !== 'LogicalExpression') return true;
  return node === outer.left || holds(outer.left, given) === (outer.operator === '&&');
}

/** What a function comes to when it is called with these; it is not looked into for a second call. */
export function resultOf(callee: AnyFunction, args: AnyNode[], given: Case): Value {
  if (assume(callee, [args], given) !== args) return open(callee, given);
  const result = given.tree.returnsOf(callee).find(each => isReached(each, given));
  return valueAt(result, given);
}

function entriesOf(table: Value, given: Case): Entry[] {
  if (!isTable(table)) return [];
  const parts = table.type === 'ArrayExpression' ? table.elements : table.properties;
  return parts.flatMap((part, i): Entry[] => {
    if (part?.type === 'SpreadElement') return entriesOf(valueAt(part.argument, given), given);
    return part?.type === 'Property' ? [[nameOf(part, given), part.value]] : [[`${i}`, part]];
  });
}

const nameOf = ({ key }: { key: AnyNode }, { tree }: Case) => tree.textOf(key).replace(/^'|'$/g, '');

/** `table[key]`: where the key is not known, it may be any. */
export function memberOf(table: Value, key: Value, given: Case): Value {
  const entries = entriesOf(table, given);
  const names = entries.map(([name]) => name);
  const wanted = isOpen(key) ? assume(key.text, names, given) : String(key);
  return valueAt(entries[names.lastIndexOf(wanted)]?.[1], given);
}

/** `Object.entries(table)`, whose rows nobody has written. */
function pairsOf(table: AnyNode | undefined, given: Case): Value {
  const list = (...elements: unknown[]) => ({ type: 'ArrayExpression', start: 0, end: 0, elements }) as ArrayExpression;
  const pairs = entriesOf(valueAt(table, given), given);
  return list(...pairs.map(([value, node]) => list({ type: 'Literal', value }, node)));
}

/** What a name stands for: a constant's value, what a function is called with, or what is in the row that a loop is at. */
function named(node: Identifier, given: Case): Value {
  const name = given.tree.declarationOf(node);
  if (!name) return node.name === 'undefined' ? undefined : open(node, given);
  const path = given.tree.around(name);
  const [binder, list, loop] = path.slice(
    path.findIndex(each => isFunction(each) || each.type === 'VariableDeclarator'),
  );
  if (isFunction(binder)) {
    if (binder.id === name) return binder;
    const i = binder.params.findIndex(each => contains(each, name));
    // `list.map(row => …)`
    const callee = list?.type === 'CallExpression' ? list.callee : null;
    const args = oneOf(binder, callee?.type === 'MemberExpression' ? callee.object : null, given);
    return args ? partOf(binder.params[i], valueAt(args[i], given), name, given) : open(node, given);
  }
  if (binder?.type !== 'VariableDeclarator' || list?.type !== 'VariableDeclaration') return open(node, given);
  const isRow = loop?.type === 'ForOfStatement' && loop.left === list;
  const value = isRow ? oneOf(loop, loop.right, given)?.[0] : binder.init;
  return value && list.kind === 'const' ? partOf(binder.id, valueAt(value, given), name, given) : open(node, given);
}

/** The row that a loop is at, or what a function is called with: the same wherever it is asked for. */
function oneOf(about: AnyNode, list: AnyNode | null, given: Case): AnyNode[] | undefined {
  const rows = () => entriesOf(valueAt(list, given), given).map(([, row]) => (row ? [row] : []));
  const calls = () => (isFunction(about) ? given.tree.callsOf(about) : []).map(call => call.arguments);
  const all = given.assumed.has(about) ? [] : list ? rows() : calls();
  return given.inWords && all.length > 1 ? undefined : assume(about, all, given);
}

/** Of what a pattern takes apart, the part that this name gets. */
function partOf(pattern: Pattern | undefined, value: Value, name: Identifier, given: Case): Value {
  if (pattern === name) return value;
  const parts =
    pattern?.type === 'ArrayPattern' ? pattern.elements : pattern?.type === 'ObjectPattern' ? pattern.properties : [];
  const i = parts.findIndex(each => each && contains(each, name));
  const part = parts[i];
  if (!isTable(value) || !part) return open(name, given);
  const [inner, key] = part.type === 'Property' ? [part.value, nameOf(part, given)] : [part, i];
  return partOf(inner, memberOf(value, key, given), name, given);
}

const open = (node: AnyNode, { tree }: Case): Open => ({ type: 'open', text: tree.textOf(node) });
const contains = (outer: AnyNode, inner: AnyNode) => outer.start <= inner.start && inner.end <= outer.end;
const typeOf = (value: Value) => (typeof value === 'object' && value ? value.type : null);
export const isOpen = (value: Value): value is Open => typeOf(value) === 'open';
const isTable = (value: Value): value is Table => /^(Object|Array)Expression$/.test(`${typeOf(value)}`);
