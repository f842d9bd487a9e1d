// A class as a Kubernetes job: an index for each submission, which is marked in a pod that reads that one submission and reaches nobody.
// What comes back is the pods' log, since it needs no volume, no rights and no service: see ../afar/lines.ts.
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { UserError } from '../../errors.ts';
import type { Order } from '../afar/order.ts';
import { pack } from '../afar/packed.ts';
import type { Bounds } from '../types.ts';

export interface EmitOptions {
  image: string;
  namespace?: string | undefined;
  /** Pods at once. */
  jobs: number;
}

/** Bytes of a secret: `kubectl apply` keeps a copy in an annotation, whose limit is 256 KiB, and base64 takes four for three. */
const comfortable = 170_000;
/** The API server's limit for one secret is 1 MiB. */
const limit = 1_000_000;

const user = 10001;

/** YAML for `kubectl apply -f -`. The same orders give the same names. */
export function emitKubernetes(orders: Order[], { image, namespace, jobs }: EmitOptions): string {
  const unique = [...new Map(orders.map(order => [order.key, order])).values()];
  const [first] = unique;
  if (!first) throw new UserError('there is nothing to mark', 'name what was handed in', 2);
  const digest = createHash('sha256')
    .update(unique.map(order => order.key).join(' '))
    .digest('hex');
  const name = `boxwright-${digest.slice(0, 10)}`;
  const labels = { 'app.kubernetes.io/name': 'boxwright-grade', 'app.kubernetes.io/instance': name };
  const about = (suffix = '') => ({ name: name + suffix, ...(namespace && { namespace }), labels });

  const packs = intoPacks(unique.map((order, index) => ({ file: `${index}.json.gz`, bytes: pack(order) })));
  const secrets = packs.map((files, i) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: about(`-${i}`),
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(files.map(({ file, bytes }) => [file, bytes.toString('base64')])),
  }));
  // Nothing is allowed, in either direction.
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: about(),
    spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress', 'Egress'] },
  };
  const parallelism = Math.min(jobs, unique.length);
  const seconds = podSeconds(first);
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: about(),
    spec: {
      completionMode: 'Indexed',
      completions: unique.length,
      parallelism,
      // One that fails three times does not fail the others.
      backoffLimitPerIndex: 2,
      maxFailedIndexes: unique.length,
      activeDeadlineSeconds: seconds * (Math.ceil(unique.length / parallelism) + 3),
      // With their logs.
      ttlSecondsAfterFinished: 7 * 24 * 3600,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailIndex', onExitCodes: { containerName: 'grade', operator: 'In', values: [2] } },
        ],
      },
      template: {
        metadata: { labels },
        spec: podSpec(
          image,
          packs.map((_, i) => `${name}-${i}`),
          first.bounds,
          seconds,
        ),
      },
    },
  };
  // The policy first: there is no pod before there is a wall around it.
  const documents = [policy, ...secrets, job].map(each =>
    stringify(each, { lineWidth: 0, aliasDuplicateObjects: false }),
  );
  return `${notes(name, namespace)}${documents.join('---\n')}`;
}

function podSpec(image: string, secrets: string[], bounds: Bounds, seconds: number): object {
  // The guest's memory, which lies in /tmp, and the marker's own.
  const memory = `${bounds.memory + 768}Mi`;
  return {
    restartPolicy: 'Never',
    activeDeadlineSeconds: seconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'grade',
        image,
        args: ['--packed', '/order/order.json.gz'],
        env: [
          {
            name: 'INDEX',
            valueFrom: { fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" } },
          },
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { cpu: '1', memory }, limits: { cpu: '2', memory, 'ephemeral-storage': '256Mi' } },
        volumeMounts: [
          // Its own submission, and nobody else's.
          { name: 'orders', mountPath: '/order/order.json.gz', subPathExpr: '$(INDEX).json.gz', readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'orders', projected: { defaultMode: 0o444, sources: secrets.map(name => ({ secret: { name } })) } },
      { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: `${bounds.memory + 256}Mi` } },
    ],
  };
}

/** Twice for each lesson, since a lesson that ends its machine gets a second one. */
function podSeconds({ lessons, bounds }: Order): number {
  return 120 + 2 * lessons.length * Math.ceil(bounds.seconds);
}

interface Packed {
  file: string;
  bytes: Buffer;
}

/** As many to a secret as fit; what is large has one of its own. */
function intoPacks(files: Packed[]): Packed[][] {
  const packs: Packed[][] = [];
  let room = 0;
  for (const packed of files) {
    const size = packed.bytes.length + packed.file.length + 20;
    if (size > limit)
      throw new UserError(
        `submission number ${packed.file} is too large for a secret`,
        'mark it here, or by the queue',
      );
    if (size > room) {
      packs.push([]);
      room = comfortable;
    }
    packs.at(-1)?.push(packed);
    room -= size;
  }
  return packs;
}

function notes(name: string, namespace?: string): string {
  const kubectl = namespace ? `kubectl -n ${namespace}` : 'kubectl';
  return `# A class to be marked by Boxwright. Kubernetes 1.29 or newer.
#   boxwright grade PATH… --emit kubernetes --image IMAGE | ${kubectl} apply -f -
#   ${kubectl} get job ${name} --watch                # until it is Complete, or Failed: then some have no mark
#   ${kubectl} logs --tail=-1 -l app.kubernetes.io/instance=${name} | boxwright grade PATH… --collect -
#   ${kubectl} delete job,secret,networkpolicy -l app.kubernetes.io/instance=${name}
`;
}
