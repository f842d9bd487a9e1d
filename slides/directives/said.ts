// What the checks say to who makes a mistake: the words that stand beside a diagnosis's id in a lesson's checks, or in those of all lessons.
// Nobody wrote them down twice, so they are read from there, for each way in which a finding may come to its id and its words.
import type { AnyNode, CallExpression, ObjectExpression } from 'acorn';
import { isFunction, readTree, type Tree } from './tree.ts';
import { type Case, inEachCase, isOpen, isReached, memberOf, resultOf, type Value, valueAt } from './words.ts';

interface Finding {
  id: Value;
  means: Value;
  /** The tasks that find it; none for what any may find. */
  tasks: string[];
}

/** More than these are no help to who reads them. */
const most = 4;

const read = new Map<string, Finding[]>();

/** Each a possibility: what is known when a check runs decides between them. None, if the id is not there. `task` is the one that fails. */
export function saidOf(source: string, id: string, task: string): string[] {
  const all = read.get(source) ?? findingsOf(readTree(source));
  read.set(source, all);
  const about = all.filter(each => each.id === id);
  const found = about.filter(each => typeof each.means === 'string');
  const here = found.filter(({ tasks }) => tasks.length === 0 || tasks.includes(task));
  // A diagnosis that adds no words leaves the finding's: one of the task's.
  const silent = about.length > 0 ? all.filter(each => each.tasks.includes(task)) : [];
  const meant = [here, found, silent].find(each => each.length > 0) ?? [];
  const texts = meant.flatMap(({ means }) =>
    typeof means === 'string' ? means.replace(/\0.*?\0(\s*\0.*?\0)*/g, '…').replace(/\s+/g, ' ') : [],
  );
  return [...new Set(texts)].slice(0, most);
}

const findingsOf = (tree: Tree) =>
  tree.nodes.flatMap(node => {
    const isFinding =
      node.type === 'ObjectExpression' || (node.type === 'CallExpression' && /^diagnosis\(/.test(tree.textOf(node)));
    return isFinding ? inEachCase(tree, given => (isReached(node, given) ? findingAt(node, given) : [])).flat() : [];
  });

/** `{ did, kernel, means: '…', diagnosis: 'id' }`, or a diagnosis: `{ id: 'id', explain: … }`, `diagnosis('id', …)`. */
function findingAt(node: ObjectExpression | CallExpression, given: Case): Finding {
  const part = (key: string) =>
    node.type === 'ObjectExpression'
      ? memberOf(node, key, given)
      : valueAt(node.arguments[['id', 'explain'].indexOf(key)], given);
  const id = part('diagnosis') ?? part('id');
  given.inWords = true;
  const explain = part('explain');
  const means = isFunction(explain) ? memberOf(resultOf(explain, [], given), 'means', given) : part('means');
  // In a table of words by id, it is the words that say which id it is.
  return { id: isOpen(id) ? (given.assumed.get(id.text) as Value) : id, means, tasks: tasksOf(node, given) };
}

/** The tasks in whose bodies this stands, or the calls of what it stands in. */
function tasksOf(node: AnyNode, { tree, assumed }: Case): string[] {
  const calls = [...assumed.values()].flatMap(each => (Array.isArray(each) ? each.slice(0, 1) : []));
  return [node, ...calls].flatMap(tree.around).flatMap(each => {
    const [name] = each.type === 'CallExpression' && tree.textOf(each.callee) === 'task' ? each.arguments : [];
    return name?.type === 'Literal' ? [String(name.value)] : [];
  });
}
