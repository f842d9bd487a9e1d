// A file of checks as a syntax tree, and what each place in it has to do with others: what it is part of, and what a name means there.
import { type AnyNode, type CallExpression, type Identifier, parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';
import { withoutTypes } from '../../workshop/serve/modules.ts';

export type Tree = ReturnType<typeof readTree>;
export type AnyFunction = Extract<
  AnyNode,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>;

export const isFunction = (value: unknown): value is AnyFunction =>
  typeof value === 'object' && value !== null && 'type' in value && /Function/.test(String(value.type));

export function readTree(source: string) {
  const paths = new Map<AnyNode, AnyNode[]>();
  const scopes = new Map<AnyNode | undefined, Map<string, Identifier>>();
  // Types give way to blanks, so that all else stays where it is.
  fullAncestor(parse(withoutTypes(source), { ecmaVersion: 'latest', sourceType: 'module' }), (node, _, path, type) => {
    const outer = path.slice(0, -1).reverse();
    paths.set(node, outer);
    if (type !== 'VariablePattern' || node.type !== 'Identifier') return;
    // A function's own name is known around it.
    const from = outer[0]?.type === 'FunctionDeclaration' && outer[0].id === node ? outer.slice(1) : outer;
    const scope = from.find(each => isFunction(each) || /^(Program|BlockStatement|For\w*Statement)$/.test(each.type));
    scopes.set(scope, (scopes.get(scope) ?? new Map()).set(node.name, node));
  });
  const nodes = [...paths.keys()].sort((a, b) => a.start - b.start);
  /** What it is part of, from the inside out. */
  const around = (node: AnyNode) => paths.get(node) ?? [];
  /** Where this name is given; undefined when that is not in this file. */
  const declarationOf = (name: Identifier) =>
    scopes.get(around(name).find(each => scopes.get(each)?.has(name.name)))?.get(name.name);
  const calls = Map.groupBy(
    nodes.filter(node => node.type === 'CallExpression'),
    ({ callee }): AnyNode | undefined => (callee.type === 'Identifier' ? declarationOf(callee) : undefined),
  );
  const returns = Map.groupBy(
    nodes.filter(node => node.type === 'ReturnStatement'),
    node => around(node).find(isFunction),
  );
  return {
    /** In the order of the file. */
    nodes,
    around,
    declarationOf,
    /** As it is written, on one line. */
    textOf: ({ start, end }: AnyNode) => source.slice(start, end).replace(/\s+/g, ' '),
    callsOf(callee: AnyFunction): CallExpression[] {
      const [outer] = around(callee);
      const name = outer?.type === 'VariableDeclarator' ? outer.id : callee.id;
      return (name && calls.get(name)?.filter(each => !around(each).includes(callee))) ?? [];
    },
    /** What a function comes to: its expression, or each that it returns. */
    returnsOf: (callee: AnyFunction): AnyNode[] =>
      callee.body.type === 'BlockStatement'
        ? (returns.get(callee) ?? []).flatMap(each => each.argument ?? [])
        : [callee.body],
  };
}
