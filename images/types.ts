// The documents of an image as TypeScript: image-spec (descriptor.md, manifest.md, image-index.md, config.md), and what Docker's
// schema 2 calls the same things.

/** Points at a blob: what it is, how it is named by its content, how long it is. descriptor.md */
export interface Descriptor {
  mediaType: string;
  /** `sha256:` and 64 hexadecimal digits, or `sha512:` and 128. */
  digest: string;
  /** Bytes. */
  size: number;
  urls?: string[];
  annotations?: Record<string, string>;
  /** In an index: what the manifest behind it is for. */
  platform?: Platform;
  artifactType?: string;
  data?: string;
}

/** image-index.md, `platform` */
export interface Platform {
  /** GOARCH: amd64, arm64, arm … */
  architecture: string;
  /** GOOS: linux … */
  os: string;
  variant?: string;
  'os.version'?: string;
  'os.features'?: string[];
}

/** manifest.md */
export interface Manifest {
  schemaVersion: 2;
  mediaType?: string;
  config: Descriptor;
  /** The base first. */
  layers: Descriptor[];
  artifactType?: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** image-index.md */
export interface Index {
  schemaVersion: 2;
  mediaType?: string;
  manifests: Descriptor[];
  artifactType?: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** config.md, `config`: how the image wants to be run. */
export interface ProcessConfig {
  User?: string;
  ExposedPorts?: Record<string, object>;
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: Record<string, object>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
}

/** config.md */
export interface ImageConfig extends Platform {
  /** RFC 3339 */
  created?: string;
  author?: string;
  config?: ProcessConfig;
  rootfs: { type: 'layers'; diff_ids: string[] };
  history?: { created?: string; created_by?: string; author?: string; comment?: string; empty_layer?: boolean }[];
}

/** An image whose manifest and configuration have been read and verified. */
export interface Image {
  /** The folder of the image layout that its blobs lie in. image-layout.md */
  layout: string;
  /** Of its manifest. */
  descriptor: Descriptor;
  manifest: Manifest;
  config: ImageConfig;
}

/** media-types.md; and Docker's: distribution's manifest-v2-2.md */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const;

export const isIndex = (type: string | undefined) => type === mediaTypes.index || type === mediaTypes.dockerIndex;
export const isManifest = (type: string | undefined) =>
  type === mediaTypes.manifest || type === mediaTypes.dockerManifest;

/** The annotation by which an entry of index.json has a name. annotations.md */
export const refName = 'org.opencontainers.image.ref.name';
