// The board's server: learners join with the code from the wall and send their progress; the instructor's link shows the board. It keeps
// no more than the class file does.
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { UserError } from '../errors.ts';
import type { Lesson } from '../lessons.ts';
import { ownPagesOnly, sealed, withToken } from '../serve/guard.ts';
import { clientOf, limitRate } from '../serve/rate.ts';
import { digestOf, sameSecret } from '../serve/token.ts';
import { type Board, fromClass, makeBoard } from './board.ts';
import { asCsv } from './csv.ts';
import { largestExport, Refused, readExport } from './export.ts';
import { freeName, nameFrom, nameRule } from './name.ts';
import { contentPolicy, showPage } from './page.ts';
import { type ClassFile, mostPeople, type Store } from './store.ts';

type Env = { Bindings: HttpBindings };

export interface Around {
  /** Something on the board is another than before. */
  changed(): void;
  /** Where learners reach it. */
  urls(): string[];
}

export function classServer(store: Store, lessons: Lesson[], around: Around): Hono<Env> {
  const app = new Hono<Env>();
  // Of a whole class behind one address a few mistype; of all the codes there are, nobody gets far.
  const [wrong, wrongAtAll] = [limitRate(10, 10), limitRate(60, 60)];
  const [joins, messages] = [limitRate(60, 60), limitRate(30, 60)];
  const line = (c: Context<Env>, text: string, status: 400 | 401 | 403 | 413 | 429 | 503) =>
    c.text(`${text}\n`, status);

  app.use(ownPagesOnly, sealed(contentPolicy));
  app.use(bodyLimit({ maxSize: largestExport, onError: c => c.text('larger than 64 KiB\n', 413) }));

  app.post('/join', async c => {
    const who = clientOf(c.env.incoming.socket.remoteAddress);
    const key = keyOf(c);
    const { code, name: wanted } = await request(c);
    // From here to the comparison nothing waits, or guesses made at once would all be let through.
    if (!wrong.has(who) || !wrongAtAll.has('all')) return line(c, 'too many wrong codes; try again in a minute', 429);
    if (typeof code !== 'string' || !sameSecret(typed(code), typed(store.read().code))) {
      wrong.take(who);
      wrongAtAll.take('all');
      return line(c, 'that is not the code on the wall', 403);
    }
    const name = nameFrom(wanted);
    if (!key || !name) return line(c, key ? nameRule : 'it sent no secret', 400);
    if (!joins.take(who)) return line(c, 'too many join at once; try again in a minute', 429);
    const given = await store.change(file => join(file, key, name));
    if (given === null) return line(c, `the board is full: ${mostPeople} people`, 403);
    around.changed();
    return c.json({ name: given });
  });

  app.post('/progress', async c => {
    const key = keyOf(c);
    if (!key || !known(store.read(), key)) return line(c, 'the board does not know you: join first', 401);
    if (!messages.take(key)) return line(c, 'too often; the next verdict will do', 429);
    const progress = readExport(await c.req.text());
    const taken = await store.change(file => {
      const person = known(file, key);
      if (person) Object.assign(person, { progress, receivedAt: new Date().toISOString() });
      return person !== undefined;
    });
    if (!taken) return line(c, 'the board does not know you: join first', 401);
    around.changed();
    return c.body(null, 204);
  });

  app.delete('/progress', async c => {
    const key = keyOf(c);
    await store.change(file => {
      file.people = file.people.filter(person => person.key !== key);
    });
    around.changed();
    return c.body(null, 204);
  });

  const onlyInstructor = withToken(() => store.read().token);
  const board = (): Board => makeBoard(fromClass(store.read()), lessons);
  app.get('/', onlyInstructor, c => c.html(showPage(board(), around.urls(), store.read())));
  app.get('/board.json', onlyInstructor, c => c.json(board()));
  app.get('/board.csv', onlyInstructor, c => {
    const headers = {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="class.csv"',
    };
    return c.body(asCsv(board()), 200, headers);
  });

  app.notFound(c => c.text('there is nothing here\n', 404));
  app.onError((error, c) => {
    if (error instanceof Refused) return c.text(`${error.message}\n`, 400);
    if (error instanceof UserError) return c.text('the board cannot keep it now\n', 503);
    console.error(error);
    return c.text('the board made a mistake\n', 500);
  });
  return app;
}

/** The same secret again is the same person, under another name perhaps. Null when the class is full. */
function join(file: ClassFile, key: string, wanted: string): string | null {
  const person = known(file, key);
  if (!person && file.people.length >= mostPeople) return null;
  const others = file.people.filter(each => each !== person).map(({ name }) => name);
  const name = freeName(wanted, others);
  if (person) person.name = name;
  else file.people.push({ name, key, joinedAt: new Date().toISOString(), receivedAt: null, progress: null });
  return name;
}

const known = (file: ClassFile, key: string) => file.people.find(person => person.key === key);

/** What a learner is known by: the digest of the secret, 32 bytes, that their side made. */
function keyOf(c: Context): string | null {
  const [, secret] = /^Bearer ([\w-]{43})$/.exec(c.req.header('authorization') ?? '') ?? [];
  return secret ? digestOf(secret) : null;
}

/** As people type it: in small letters, with spaces. */
const typed = (code: string) =>
  code
    .slice(0, 40)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');

async function request(c: Context): Promise<Record<string, unknown>> {
  try {
    const found = JSON.parse(await c.req.text());
    if (typeof found === 'object' && found !== null) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refused('not a JSON object');
}
