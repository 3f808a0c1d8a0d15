/** The media types that the registry has to know; all others only matter to clients. */

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'

export const OCTET_STREAM = 'application/octet-stream'
export const JSON_TYPE = 'application/json'

export const MANIFEST_TYPES: readonly string[] = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST]

export const isManifestType = (type: string): boolean => MANIFEST_TYPES.includes(type)

export const isIndexType = (type: string): boolean => type === OCI_INDEX || type === DOCKER_LIST

export const isDockerType = (type: string): boolean => type === DOCKER_MANIFEST || type === DOCKER_LIST

/** Layers that a registry need not hold: clients fetch them from their URLs. */
export const isForeignLayerType = (type: string): boolean =>
  type === 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' ||
  type.startsWith('application/vnd.oci.image.layer.nondistributable.v1.tar')

/** `Type/Sub; charset=x` → `type/sub`. */
export const essenceOf = (header: string): string => header.split(';', 1)[0]!.trim().toLowerCase()
