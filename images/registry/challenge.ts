// What a server asks for before it answers. RFC 9110, 11.6.1: WWW-Authenticate

export interface Challenge {
  /** In lower case: basic, bearer … */
  scheme: string;
  parameters: Record<string, string>;
}

/** Several may stand in one header, with commas between them and between the parameters of each. */
export function parseChallenges(header = ''): Challenge[] {
  const challenges: Challenge[] = [];
  const piece =
    /\s*(?:([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([\w!#$%&'*+.^`|~-]+)(?=\s|,|$))\s*,?/gy;
  for (const [, name, quoted, plain, scheme] of header.slice(0, 8192).matchAll(piece)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    const last = challenges.at(-1);
    if (name !== undefined && value !== undefined && last) last.parameters[name.toLowerCase()] = value;
  }
  return challenges;
}
