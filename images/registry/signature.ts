// Detached signatures, in the form that cosign, podman and skopeo write and read: for the manifest `sha256:HEX` the same repository
// has a tag `sha256-HEX.sig`, an image whose layers are payloads that name the manifest, each with its signature as an annotation.
// containers/image, signature(5), "JSON data format"; cosign, SIGNATURE_SPEC.md
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { ImageError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { type Descriptor, type Manifest, mediaTypes } from '../types.ts';

export const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const signatureKey = 'dev.cosignproject.cosign/signature';

/** Where the signatures of a manifest are. */
export const signatureTag = (digest: string) => `${digest.replace(':', '-')}.sig`;

/** The payloads that a manifest lists, each with its signature. */
export function listSignatures({ layers }: Manifest): { payload: Descriptor; signature: Buffer }[] {
  return layers
    .filter(each => each.mediaType === payloadType && each.annotations?.[signatureKey])
    .map(payload => ({ payload, signature: Buffer.from(payload.annotations?.[signatureKey] ?? '', 'base64') }));
}

/** Whether that key has signed these bytes, and they say: this manifest, in this repository (`docker.io/library/alpine`). */
export function isSignature(
  payload: Uint8Array,
  { signature, key, digest, repository }: { signature: Uint8Array; key: string; digest: string; repository: string },
): boolean {
  if (!verify(algorithm(readKey(key, createPublicKey)), payload, key, signature)) return false;
  let critical: { type?: unknown; image?: Record<string, unknown>; identity?: Record<string, unknown> } | undefined;
  try {
    critical = JSON.parse(Buffer.from(payload).toString()).critical;
  } catch {
    return false;
  }
  // Else the signature for one image would do for another, or for the same one where somebody else put it.
  const name = String(critical?.identity?.['docker-reference']).replace(/(@.*|:[^/]*)$/, '');
  return (
    critical?.type === 'cosign container image signature' &&
    critical.image?.['docker-manifest-digest'] === digest &&
    name === repository
  );
}

/** Signs, with a private key in PEM: the payload, and the annotations of the layer that it is to be. */
export function makeSignature(digest: string, repository: string, key: string) {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  const signature = sign(algorithm(readKey(key, createPrivateKey)), payload, key).toString('base64');
  return { payload, annotations: { [signatureKey]: signature } };
}

/** Makes the image that a signature travels as, ready to be pushed; its manifest's descriptor. */
export async function storeSignature(
  store: Store,
  digest: string,
  repository: string,
  key: string,
): Promise<Descriptor> {
  const { payload, annotations } = makeSignature(digest, repository, key);
  const layer = { ...(await store.putBytes(payloadType, payload)), annotations };
  const about = { architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: [layer.digest] } };
  const config = await store.putBytes(mediaTypes.config, Buffer.from(JSON.stringify(about)));
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
  return store.putBytes(mediaTypes.manifest, Buffer.from(JSON.stringify(manifest)));
}

function readKey(pem: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    return read(pem);
  } catch {
    throw new ImageError(
      'the configured key cannot be read',
      'have it in PEM, without a password: `openssl ecparam`, `openssl pkey`',
    );
  }
}

/** With what the digest is made that is signed: SHA-256, except where the kind of key says so itself. */
const algorithm = ({ asymmetricKeyType: type }: KeyObject) =>
  type === 'ed25519' || type === 'ed448' ? null : 'sha256';
