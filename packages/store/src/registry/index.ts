export type * from '../http/transport.js'
export type * from './client.js'
export { type ConfigFiles, hostConfigFiles } from './config-files.js'
export { type Content, storeContent } from './content.js'
export { createRegistryClient } from './create-registry-client.js'
export type * from './credential.js'
export { type AuthFilePath, authFilePaths, type Variables } from './credentials/auth-file-paths.js'
export type { HelperOptions } from './credentials/credential-helper.js'
export {
  type CredentialPlace,
  forgetCredential,
  type KeepOptions,
  keepCredential,
} from './credentials/keep-credential.js'
export { type SystemCredentialsOptions, systemCredentials } from './credentials/system-credentials.js'
export type * from './endpoint.js'
export type * from './events.js'
export { type PlainEndpointOptions, plainEndpoints } from './plain-endpoints.js'
export {
  certificateDirectories,
  type HostCertificates,
  type HostCertificatesOptions,
  hostCertificates,
} from './policy/host-certificates.js'
export { mergeRegistryRules } from './policy/merge-registry-rules.js'
export { type ReadRulesOptions, readRegistryRules } from './policy/read-registry-rules.js'
export type * from './policy/registry-rules.js'
export { type RuleEndpointsOptions, ruleEndpoints } from './policy/rule-endpoints.js'
