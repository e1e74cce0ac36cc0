// The bytes of every value, and the digest that parties sign.
import { toHex } from '../bytes.ts';
import { addressOfPrivateKey, signDigest } from '../evm/secp256k1.ts';
import { accountPayload, lineAccountDigest } from '../payloads/account.ts';
import { alertStatusPayload } from '../payloads/alert.ts';
import { consentPayload } from '../payloads/consent.ts';
import { decisionPayload, rowPayload } from '../payloads/decision.ts';
import { erasurePayload } from '../payloads/erasure.ts';
import { linkPayload } from '../payloads/link.ts';
import {
  approvalDigest,
  approvalPayload,
  labelPayload,
  modelChangePayload,
  modelHash,
  modelPayload,
  withParameters,
} from '../payloads/model.ts';
import { agreementPayload, monitorPayload } from '../payloads/policy.ts';
import { policyEndDigest, policyEndPayload } from '../payloads/policy-end.ts';
import { recoveryPayload } from '../payloads/recovery.ts';
import { releaseDigest, releasePayload } from '../payloads/release.ts';
import { statePayload } from '../payloads/state.ts';
import * as values from './values.ts';

const key = new Uint8Array(32).fill(1);
const domain = { chainId: 31_337n, verifyingContract: `0x${'4'.repeat(40)}` } as const;

export function encodeAll(): Record<string, string> {
  const digest = approvalDigest(values.approval, domain);
  const signature = Buffer.from(signDigest(digest, key).slice(2), 'hex');
  const approval = { ...values.approval, party: addressOfPrivateKey(key), signature: Uint8Array.from(signature) };
  return {
    agreement: toHex(agreementPayload.encode(values.agreement)),
    monitor: toHex(monitorPayload.encode(values.monitor)),
    decision: toHex(decisionPayload.encode(values.decision)),
    row: toHex(rowPayload.encode(values.row)),
    state: toHex(statePayload.encode(values.state)),
    'alert-status': toHex(alertStatusPayload.encode(values.alertStatus)),
    erasure: toHex(erasurePayload.encode(values.erasure)),
    link: toHex(linkPayload.encode(values.link)),
    consent: toHex(consentPayload.encode(values.consent)),
    account: toHex(accountPayload.encode(values.account)),
    accountDigest: lineAccountDigest(values.account.agreement, values.account.key, values.agreement.money),
    'policy-end': toHex(policyEndPayload.encode(values.policyEnd)),
    policyEndDigest: policyEndDigest(values.policyEnd.policy, values.policyEnd.fromMs, values.agreement.money),
    release: toHex(releasePayload.encode(values.release)),
    releaseDigest: releaseDigest(values.release.policy, values.release, values.agreement.money),
    lineRelease: toHex(releasePayload.encode(values.lineRelease)),
    lineReleaseDigest: releaseDigest(values.release.policy, values.lineRelease, values.agreement.money),
    recovery: toHex(recoveryPayload.encode(values.recovery)),
    model: toHex(modelPayload.encode(values.model)),
    approval: toHex(approvalPayload.encode(approval)),
    approvalDigest: digest,
    'model-change': toHex(modelChangePayload.encode(values.modelChange)),
    label: toHex(labelPayload.encode(values.label)),
    modelHash: toHex(modelHash(values.model.identity)),
    configurationWithParameters: withParameters(values.model.identity, JSON.parse(values.model.parameters))
      .configuration,
  };
}
