// A registry's "no", in one line. distribution-spec, "Error Codes"
import type { Answer } from './answer.ts';
import { HttpError } from './http-error.ts';
import { showStatus } from './status.ts';

export const howToLogIn =
  'log in with `podman login` or `docker login`, or write username and password into the configuration';

/** `what` was asked for: `team/app:1`. */
export async function refusal(answer: Answer, what: string): Promise<HttpError> {
  const { status, url } = answer;
  const found = await readErrors(answer);
  const codes = found.map(each => each.code);
  const said = found.map(each => each.message || each.code.toLowerCase().replaceAll('_', ' ')).join('; ');
  const because = said ? `: ${said}` : '';
  if (status === 404)
    return new HttpError(`${url.host}: there is no ${what}${because}`, {
      ...{ status, codes, next: 'mend the name; `box tags NAME` lists what there is' },
    });
  if (status === 401 || status === 403)
    return new HttpError(`${url.host}: ${what} is denied to us${because}`, { status, codes, next: howToLogIn });
  return new HttpError(`${url.host}: it answers ${showStatus(status)} for ${what}${because}`, {
    status,
    codes,
  });
}

async function readErrors(answer: Answer): Promise<{ code: string; message: string }[]> {
  try {
    const { errors } = (await answer.json()) as { errors: { code?: unknown; message?: unknown }[] };
    return errors.slice(0, 5).map(({ code, message }) => ({ code: clean(code), message: clean(message) }));
  } catch {
    // A proxy's page of HTML, or nothing at all: the status must do.
    return [];
  }
}

/** It is going to a terminal. */
const clean = (text: unknown) => (typeof text === 'string' ? text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200) : '');
