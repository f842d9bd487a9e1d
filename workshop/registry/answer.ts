// What a registry answers, before it is sent.

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export const ok = (body: Uint8Array, headers: Record<string, string> = {}): Answer => ({ status: 200, headers, body });

/** distribution-spec, "Error Codes" */
export function refusal(status: number, headers: Record<string, string> = {}): Answer {
  const code = { 401: 'UNAUTHORIZED', 403: 'DENIED', 404: 'NAME_UNKNOWN', 429: 'TOOMANYREQUESTS' }[status] ?? 'UNKNOWN';
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
