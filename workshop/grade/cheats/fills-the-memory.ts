// lesson: 01
// on: nothing
// points: 0
// seconds: 25
// what it tries: takes all the memory there is, so that the machine ends the checker in its place.
const all: Buffer[] = [];
export async function contain(): Promise<void> {
  for (;;) all.push(Buffer.alloc(1 << 26, 1));
}
