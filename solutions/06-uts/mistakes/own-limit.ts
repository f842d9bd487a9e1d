// rejected by: long-name
// diagnosis: own-limit
// A label of DNS has 63 characters at most, so that is checked here, with a clear message.
import { mkdtemp, rm } from 'node:fs/promises';
import { execute } from '#01-process';
import { ownMounts, populate } from '#03-mount-namespace';
import { mountLayers } from '#04-overlay';
import {
  maskedPaths,
  maskPaths,
  type Spec as PivotSpec,
  pivotRoot,
  protectPaths,
  protectRoot,
  readonlyPaths,
} from '#05-pivot-root';
import { build, CLONE, type Process } from '#linux';

export interface Spec extends PivotSpec {
  /** What the container calls itself. At most 64 bytes; when absent it keeps the copy of the host's name. sethostname(2) */
  hostname?: string;
  /** The NIS domain, which has nothing to do with DNS. At most 64 bytes; when absent, the host's. setdomainname(2) */
  domainname?: string;
}

/**
 * A UTS namespace of its own, and in it the names that were given. One that is too long is refused by the kernel: EINVAL.
 * uts_namespaces(7)
 */
export async function ownName(
  box: Process,
  { hostname, domainname }: Pick<Spec, 'hostname' | 'domainname'>,
): Promise<void> {
  await box.unshare(CLONE.NEWUTS);

  for (const name of [hostname, domainname]) {
    if (name && name.length > 63) throw new RangeError(`${name} is longer than 63 characters`);
  }
  if (hostname !== undefined) await box.sethostname(hostname);
  if (domainname !== undefined) await box.setdomainname(domainname);
}

/** The container so far: it has files and mounts of its own, and a name. */
export async function contain(spec: Spec): Promise<Process> {
  const folder = await mkdtemp(`${spec.containers}/`);
  return build(async box => {
    box.exited.then(() => rm(folder, { recursive: true, force: true }));
    await ownMounts(box);
    await ownName(box, spec);
    const rootfs = spec.root ?? (await mountLayers(box, spec.layers, folder));
    await populate(box, rootfs);
    await pivotRoot(box, rootfs);
    await maskPaths(box, spec.maskedPaths ?? maskedPaths);
    await protectPaths(box, spec.readonlyPaths ?? readonlyPaths);
    if (spec.readOnly) await protectRoot(box);
    await spec.inside?.(box);
    await execute(box, spec);
  });
}
