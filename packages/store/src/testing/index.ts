export { type BlobStoreCheck, blobStoreChecks } from './blob-store-suite.js'
export { patternBytes } from './pattern-bytes.js'
export type { RegistryAuth } from './registry/access.js'
export { type AddedImage, type AddImageOptions, addImage, addIndex } from './registry/add-image.js'
export type { FaultHook, RegistryFault, RegistryRequest } from './registry/fault.js'
export {
  type LoopbackRegistry,
  type LoopbackRegistryOptions,
  startLoopbackRegistry,
} from './registry/loopback-registry.js'
export { RegistryStorage } from './registry/storage.js'
