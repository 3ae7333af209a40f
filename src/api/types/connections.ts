/** The lists of the API. */

import { AutoId } from './auto-id'
import { Certificate } from './certificate'
import { FailedCall, QuarantinedExtrinsic, RegistryEvent, Remark } from './event'
import { Finding } from './finding'
import { connectionOf } from './page'

export const AutoIdConnection = connectionOf(AutoId, 'AutoId')
export const CertificateConnection = connectionOf(Certificate, 'Certificate')
export const RegistryEventConnection = connectionOf(RegistryEvent, 'RegistryEvent')
export const FailedCallConnection = connectionOf(FailedCall, 'FailedCall')
export const RemarkConnection = connectionOf(Remark, 'Remark')
export const QuarantinedConnection = connectionOf(QuarantinedExtrinsic, 'QuarantinedExtrinsic')
export const FindingConnection = connectionOf(Finding, 'Finding')

export type AutoIdConnection = InstanceType<typeof AutoIdConnection>
export type CertificateConnection = InstanceType<typeof CertificateConnection>
export type RegistryEventConnection = InstanceType<typeof RegistryEventConnection>
export type FailedCallConnection = InstanceType<typeof FailedCallConnection>
export type RemarkConnection = InstanceType<typeof RemarkConnection>
export type QuarantinedConnection = InstanceType<typeof QuarantinedConnection>
export type FindingConnection = InstanceType<typeof FindingConnection>
