// A host's rules of the older kind, which nft does not know of: iptables-legacy. iptables-save(8)
import { findProgram } from '../../doctor/facts.ts';
import { type Candidate, isAbout, type Rule, relevant, type Subject } from './relevance.ts';
import { ask } from './run.ts';

/** Without a subject, all. */
export async function readIptables(where: Parameters<typeof ask>[1], subject: Subject | null): Promise<Rule[]> {
  // Where there is one kind only it bears the plain name. Of the newer kind nft has told already.
  const suffix = findProgram('iptables-legacy-save') ? '-legacy-save' : '-save';
  const programs = ['iptables', 'ip6tables'].filter(() => suffix === '-legacy-save' || !findProgram('nft'));
  const texts = await Promise.all(
    programs
      .filter(name => findProgram(name + suffix))
      .map(async name => [name, await ask([name + suffix, '-c'], where)] as const),
  );
  return texts.flatMap(([name, text]) => relevant(candidatesOf(name, text, subject)));
}

function candidatesOf(program: string, text: string, subject: Subject | null): Candidate[] {
  let table = '';
  return text.split('\n').flatMap((line): Candidate[] => {
    if (line.startsWith('*')) table = `${program} ${line.slice(1)}`;
    const [, packets, bytes, chain = '', rule = ''] = /^\[(\d+):(\d+)\] -A (\S+) ?(.*)$/.exec(line) ?? [];
    if (packets === undefined) return [];
    const words = rule.split(/[\s",]+/).flatMap(word => [word, word.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')]);
    const target = /(?:^| )(?:-j|-g) (\S+)/.exec(rule)?.[1];
    return [
      {
        ...{ table, chain, text: rule, packets: Number(packets), bytes: Number(bytes) },
        about: subject === null || words.some(word => isAbout(word, subject)),
        leadsTo: target ? [target] : [],
      },
    ];
  });
}
