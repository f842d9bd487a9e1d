// Machines of another version use another queue on the same server: neither takes what it would mark differently.

/** BullMQ's queue; its keys begin with `bull:` and this. */
export function queueName(version: string): string {
  return `boxwright-${version}`;
}
