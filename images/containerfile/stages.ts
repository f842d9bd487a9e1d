// Which stages a build comes to need: the target, and what it is made from and copies from.
import { ContainerfileError, type Place } from './errors.ts';
import { expand, type Lookup } from './expand.ts';
import { nearest } from './nearest.ts';
import type { Containerfile, Stage } from './parse.ts';

/** The stage with this name or number among those before number `end`. */
export function findStage({ stages }: Containerfile, name: string, end = stages.length): Stage | undefined {
  const earlier = stages.slice(0, end);
  return (
    earlier.findLast(stage => stage.name === name.toLowerCase()) ?? earlier.find(stage => String(stage.index) === name)
  );
}

/** In the order of the file, the target last. Without a name, that is the file's last stage. */
export function neededStages(file: Containerfile, target: string | undefined, inFrom: Lookup): Stage[] {
  const last = target === undefined ? file.stages.at(-1) : findStage(file, target);
  if (!last) throw noStage(file, target ?? '');
  const needed = new Set([last]);
  // A stage can only name those before it: once through from the end finds all.
  for (const stage of file.stages.slice(0, last.index + 1).toReversed()) {
    if (!needed.has(stage)) continue;
    for (const name of sourcesOf(stage, inFrom)) {
      const found = findStage(file, name, stage.index);
      if (found) needed.add(found);
    }
  }
  return file.stages.filter(stage => needed.has(stage));
}

function sourcesOf(stage: Stage, inFrom: Lookup): string[] {
  const copies = stage.instructions.flatMap(({ flags }) => flags.get('from')?.text ?? []);
  return [expand(stage.from.image, inFrom), ...copies];
}

function noStage({ stages }: Containerfile, target: string): ContainerfileError {
  const names = stages.flatMap(({ name }) => name ?? []);
  const place = stages.at(-1)?.from.place as Place;
  const meant = nearest(target, names);
  const there = names.length > 0 ? `there is ${names.join(', ')}` : 'no stage has a name: FROM … AS name';
  return new ContainerfileError(place, `no stage is named ${target}`, meant ? `did you mean ${meant}?` : there);
}
