import test from 'ava';
import { saidOf } from './said.ts';

// The forms in which a lesson's checks name a diagnosis. What stands before and after belongs to other findings.
const checks = String.raw`
task('first', async t => {
  t.ok(a, { did, means: 'Words of another finding.', diagnosis: 'another' });
  t.ok(b, { did, diagnosis: 'before', look: "it's (not) this", means: 'The words come after the id.' });
  t.ok(c, {
    means: c > 0 ? 'It was one way.' : ${'`'}The other way, with \${words(c, '}')} in it.${'`'},
    ...{ diagnosis: c > 0 ? 'this-way' : 'other-way' },
  });
  t.is(c, 0, { means: c > 0 ? 'There are some.' : 'There is none.', ...(c === 0 && { diagnosis: 'spread' }) });
  const id = /['"(]/.test(d) ? 'by-variable' : 'other-variable';
  const finding = (path: string, means: string, diagnosis: string) => ({ did: path, means, diagnosis });
  t.ok(d, finding(path, d.length > 1 ? first : second, id));
  for (const [asked, means, name] of [
    ['x', 'The first row says this.', 'row-1'],
    ['y', 'And the second that.', 'row-2'],
  ] as const) t.ok(asked, { did, kernel: ask(asked), means, diagnosis: name });
  for (const [end, what] of [['', 'nothing'], [':1', 'one']]) {
    t.ok(end, { means: ${'`'}It is \${what}, and says so.${'`'}, diagnosis: end === '' ? 'empty' : 'full' });
  }
});
task('second', t => t.ok(e, { means: 'In another task.', diagnosis: 'before' }));
const first = 'One of the two ' + 'it will be.';
const second = 'Or it is this one.';
diagnosis('registered', ({ error }) => {
  const known = { ENOENT: 'It is not there at all.', ENOTDIR: 'It is no folder, but a file.' };
  const means = known[error.code];
  return means !== undefined && { means };
});
refused('in-order', 'mount', 'EINVAL', options => options.has('x') && 'What is refused is said in order.', 'mount(2)');
refused('plain', 'mount', 'ENOENT', 'Or it is said at once.', 'mount(2)');
function refused(id: string, name: string, code: string, means: string | ((all: Set<string>) => string | false), look: string) {
  diagnosis(id, ({ error, options }) => {
    if (error.syscall !== name || error.code !== code) return null;
    const meaning = typeof means === 'string' ? means : means(options);
    return meaning ? { means: meaning, look } : null;
  });
}
diagnosis('silent', ({ trace }) => trace.length > 0 && { kernel: trace[0].text }, ['second']);
const table: Record<string, string> = { 'in-table': 'A table has words by id.', another: 'For each its own.' };
const told = Object.keys(table).find(each => wrong.has(each));
t.ok(f, { means: (told && table[told]) || 'Nobody knows.', ...(told && { diagnosis: told }) });
const why = (status: number) => {
  if (status === 0) return { means: 'It is said by who is asked why.', diagnosis: 'asked' };
  return status > 9 ? { diagnosis: 'asked-in-vain' } : {};
};
t.ok(g, { means: 'It is said by who asks.', ...why(status) });
for (const [set, all] of Object.entries({ bounding: [1], ambient: [] }) as [string, number[]][])
  t.ok(all, { means: ${'`'}The \${set} set is too large.${'`'}, diagnosis: ${'`'}\${set}-too-large${'`'} });
[['one', 'Of a row of its own.'], ['two', 'Of another row.']].map(async ([name, means]) => t.ok(h, { means, diagnosis: name }));
`.replaceAll('\\$', '$');

const said: Record<string, string[]> = {
  another: ['Words of another finding.', 'For each its own.'],
  before: ['The words come after the id.'],
  spread: ['There is none.'],
  'this-way': ['It was one way.'],
  'other-way': ['The other way, with … in it.'],
  'by-variable': ['One of the two it will be.', 'Or it is this one.'],
  'row-2': ['And the second that.'],
  empty: ['It is nothing, and says so.'],
  full: ['It is one, and says so.'],
  registered: ['It is not there at all.', 'It is no folder, but a file.'],
  'in-order': ['What is refused is said in order.'],
  silent: ['In another task.'],
  plain: ['Or it is said at once.'],
  'in-table': ['A table has words by id.'],
  asked: ['It is said by who is asked why.'],
  'asked-in-vain': ['It is said by who asks.'],
  two: ['Of another row.'],
  'bounding-too-large': ['The bounding set is too large.'],
  'no-such': [],
};

for (const [id, words] of Object.entries(said)) {
  test(`the words of a diagnosis are read from the checks: ${id}`, t => {
    t.deepEqual(saidOf(checks, id, id === 'silent' ? 'second' : 'first'), words);
  });
}
