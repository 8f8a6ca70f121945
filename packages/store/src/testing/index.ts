export { type BlobStoreCheck, blobStoreChecks } from './blob-store-suite.js'
export { patternBytes } from './pattern-bytes.js'
