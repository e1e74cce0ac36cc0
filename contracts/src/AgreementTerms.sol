// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAgreementTerms} from "./interfaces/IAgreementTerms.sol";
import {ICheckpoints} from "./interfaces/ICheckpoints.sol";
import {Acts} from "./libraries/Acts.sol";
import {Intent, IntentForm} from "./libraries/Intent.sol";
import {Quorum} from "./libraries/Quorum.sol";
import {Rfc6962} from "./libraries/Rfc6962.sol";
import {TermsForm} from "./libraries/TermsForm.sol";

/// @title What is agreed
/// @notice The terms of every agreement, by their digest, and the one place that says whether an intent is as agreed:
/// signed by k of the deciders, standing in one of the agreement's logs under an anchored checkpoint, every field as in
/// the terms, about a time that is over. The contracts that settle ask here and hold the money's rules themselves.
contract AgreementTerms is IAgreementTerms, Acts {
    bytes32 private constant ADMISSION_TYPEHASH = keccak256("Admission(bytes32 agreement,address account)");

    ICheckpoints public immutable checkpoints;
    mapping(bytes32 agreement => Terms) private _terms;

    constructor(ICheckpoints checkpoints_) EIP712("Trine", "1") {
        checkpoints = checkpoints_;
    }

    /// @notice Enters the terms. Anyone may: they bind nobody who has not signed their digest.
    /// @return agreement the EIP-712 digest of the terms
    function open(Terms calldata terms) external returns (bytes32 agreement) {
        TermsForm.check(terms);
        agreement = termsDigest(terms);
        if (_terms[agreement].token != address(0)) revert AgreementExists(agreement);
        _terms[agreement] = terms;
        emit Opened(agreement, terms);
    }

    /// @notice Reverts unless the intent is as agreed. Only the contract that settles it can ask.
    /// @param digest of the intent, as that contract signs
    function requireIntent(
        Intent calldata intent,
        bytes32 digest,
        bytes[] calldata signatures,
        Inclusion calldata proof
    ) external view returns (Rules memory) {
        Terms storage terms = _known(intent.agreement);
        if (intent.chainId != block.chainid) revert NotAgreed("chainId");
        if (intent.settler != terms.settler || msg.sender != terms.settler) revert NotAgreed("settler");
        if (intent.obligation == bytes32(0)) revert NotAgreed("obligation");
        if (intent.network != terms.network) revert NotAgreed("network");
        if (intent.termsHash != terms.termsHash) revert NotAgreed("termsHash");
        if (intent.token != terms.token) revert NotAgreed("token");
        _requireTimes(terms, intent);
        _requireDeciders(terms, digest, signatures);
        if (!TermsForm.contains(terms.origins, proof.originHash)) revert NotAgreed("origin");
        if (checkpoints.isAnchored(proof.originHash, proof.size, proof.root) == 0) {
            revert NotAnchored(proof.originHash, proof.size);
        }
        bytes32 leafHash = Rfc6962.hashLeaf(IntentForm.leaf(intent));
        if (!Rfc6962.verifyInclusion(leafHash, proof.index, proof.size, proof.root, proof.path)) revert NotIncluded();
        return _rules(terms);
    }

    /// @notice Reverts unless the account is listed in the terms or the registrar signed `Admission(agreement, account)`.
    function requireAdmitted(bytes32 agreement, address account, Proof calldata admission) external view {
        Terms storage terms = _known(agreement);
        if (msg.sender != terms.settler) revert NotAgreed("settler");
        if (account == terms.arbiter) revert NotAParty(account);
        if (TermsForm.contains(terms.parties, account)) return;
        if (terms.registrar == address(0)) revert NotAParty(account);
        _requireSigned(terms.registrar, keccak256(abi.encode(ADMISSION_TYPEHASH, agreement, account)), admission);
    }

    // ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function getTerms(bytes32 agreement) external view returns (Terms memory) {
        return _terms[agreement];
    }

    /// @notice What settling needs; reverts where no such agreement was opened.
    function rulesOf(bytes32 agreement) external view returns (Rules memory) {
        return _rules(_known(agreement));
    }

    /// @notice May the account pay and be paid without the registrar's word?
    function isListed(bytes32 agreement, address account) external view returns (bool) {
        return TermsForm.contains(_terms[agreement].parties, account);
    }

    /// @notice The agreement's id, which parties sign in their authorizations.
    function termsDigest(Terms calldata terms) public view returns (bytes32) {
        return _hashTypedDataV4(TermsForm.structHash(terms));
    }

    // ── Private ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The obligation's time lies within the agreement, is over, and not too long ago; the intent's own times
    /// leave room for the window and end.
    function _requireTimes(Terms storage terms, Intent calldata intent) private view {
        if (intent.begin < terms.validFrom || intent.begin >= terms.validUntil) revert NotAgreed("begin");
        if (intent.end < intent.begin || intent.end - intent.begin > terms.obligationMax) revert NotAgreed("end");
        if (block.timestamp < intent.end) revert NotYet(intent.end);
        uint256 last = uint256(intent.end) + terms.settleWithin;
        if (block.timestamp > last) revert NoLonger(last);
        if (block.timestamp + terms.window > intent.deadline) revert NotAgreed("deadline");
        if (intent.deadline > last + terms.window + TermsForm.SETTLE_TIME) revert NotAgreed("deadline");
        if (intent.validAfter > intent.deadline) revert NotAgreed("validAfter");
    }

    /// @dev k distinct deciders, sorted; a stranger's signature among them refuses the whole.
    function _requireDeciders(Terms storage terms, bytes32 digest, bytes[] calldata signatures) private view {
        if (signatures.length < terms.threshold) revert NotEnoughSignatures(signatures.length, terms.threshold);
        address[] memory signers = Quorum.recover(digest, signatures);
        uint256 next = 0;
        uint256 count = terms.deciders.length;
        for (uint256 i = 0; i < signers.length; i++) {
            // Both lists ascend, so one walk along the deciders finds every signer.
            while (next < count && terms.deciders[next] < signers[i]) next++;
            if (next == count || terms.deciders[next] != signers[i]) revert NotADecider(signers[i]);
        }
    }

    function _known(bytes32 agreement) private view returns (Terms storage terms) {
        terms = _terms[agreement];
        if (terms.token == address(0)) revert NoSuchAgreement(agreement);
    }

    function _rules(Terms storage terms) private view returns (Rules memory) {
        return Rules({
            token: terms.token,
            validFrom: terms.validFrom,
            validUntil: terms.validUntil,
            obligationMax: terms.obligationMax,
            settleWithin: terms.settleWithin,
            window: terms.window,
            holdMax: terms.holdMax,
            payAfterHold: terms.payAfterHold,
            arbiter: terms.arbiter,
            residuary: terms.residuary,
            bond: terms.bond
        });
    }
}
