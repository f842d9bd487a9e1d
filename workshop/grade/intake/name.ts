// What a submission is called: as its folder or file is, made safe for a file's name, and unlike every other.

const longest = 80;

/** What the results folder has beside the submissions' own folders. */
const reserved = ['marks', 'grades.csv', 'grades.json', 'junit.xml'];

/** Hands out ids; of two alike, the second becomes `alice-2`. */
export function idGiver(): (name: string) => string {
  const taken = new Set(reserved);
  return name => {
    const plain = plainName(name);
    let id = plain;
    // Without regard to case: reports may be unpacked where names have none.
    for (let n = 2; taken.has(id.toLowerCase()); n++) id = `${plain}-${n}`;
    taken.add(id.toLowerCase());
    return id;
  };
}

/** 'José García.tar.gz' → 'Jose-Garcia' */
export function plainName(name: string): string {
  const plain = name
    .replace(/\.(git|zip|tar|tgz|tzst|tar\.(gz|zst))$/i, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    // Neither hidden, nor an option, nor with an end that somebody's file system drops.
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, longest);
  return plain || 'submission';
}

/** As it may stand in a list, or in the rules. */
export const isId = (text: string) => text.length <= longest && /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(text);
