// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Intent} from "../libraries/Intent.sol";
import {IActs} from "./IActs.sol";

/// @title What is agreed
/// @notice Types, events and errors of {AgreementTerms}; the rules are explained there.
interface IAgreementTerms {
    /// @notice What is agreed. Its EIP-712 digest is the agreement's id; who locks money in it has signed that id.
    /// @param network the network the agreement belongs to
    /// @param settler the contract that settles it: {DirectSettlement} or {BatchSettlement}
    /// @param termsHash SHA-256 of the terms in words and code
    /// @param token ERC-20 in which it pays
    /// @param validFrom, validUntil when obligations may begin, seconds
    /// @param obligationMax the longest obligation, seconds
    /// @param settleWithin how long after an obligation's end its intent is still taken, seconds: grace, outages of the
    /// log, and corrections included
    /// @param window how long an announced intent stands open to dispute or refutation, seconds
    /// @param holdMax how long a hold lasts at most, seconds
    /// @param payAfterHold what becomes of an obligation on which nobody ruled in that time: paid, or dropped
    /// @param arbiter rules on holds; no party
    /// @param registrar admits parties that are not listed, by its signature; zero for none but the listed
    /// @param residuary gets what the escrow still holds after the end, and forfeited bonds
    /// @param bond what contesting a row of a batch costs until it is ruled on, minor units
    /// @param threshold how many deciders must sign
    /// @param deciders who recompute decisions, strictly ascending
    /// @param origins keccak256 of the origins of the logs in which intents may stand
    /// @param parties who may pay and be paid without the registrar's word
    /// @param salt tells apart agreements with the same terms
    struct Terms {
        bytes32 network;
        address settler;
        bytes32 termsHash;
        address token;
        uint64 validFrom;
        uint64 validUntil;
        uint64 obligationMax;
        uint64 settleWithin;
        uint64 window;
        uint64 holdMax;
        bool payAfterHold;
        address arbiter;
        address registrar;
        address residuary;
        uint128 bond;
        uint16 threshold;
        address[] deciders;
        bytes32[] origins;
        address[] parties;
        bytes32 salt;
    }

    /// @notice Of the terms, what a contract that settles needs at every step.
    struct Rules {
        address token;
        uint64 validFrom;
        uint64 validUntil;
        uint64 obligationMax;
        uint64 settleWithin;
        uint64 window;
        uint64 holdMax;
        bool payAfterHold;
        address arbiter;
        address residuary;
        uint128 bond;
    }

    /// @notice Where the intent stands in an anchored log.
    /// @param originHash keccak256 of the log's origin
    /// @param index position of the leaf
    /// @param size leaves in the anchored tree
    /// @param root the anchored root
    /// @param path sibling hashes from the leaf upwards
    struct Inclusion {
        bytes32 originHash;
        uint64 index;
        uint64 size;
        bytes32 root;
        bytes32[] path;
    }

    event Opened(bytes32 indexed agreement, Terms terms);

    /// @notice A field of the terms is not acceptable; `field` is its name in ASCII.
    error BadTerms(bytes32 field);
    error AgreementExists(bytes32 agreement);
    error NoSuchAgreement(bytes32 agreement);
    /// @notice Neither listed in the terms nor admitted by the registrar.
    error NotAParty(address account);
    error NotEnoughSignatures(uint256 given, uint256 needed);
    error NotADecider(address account);
    /// @notice The root is not (or no longer) among the anchored ones: anchor, or prove under a newer root.
    error NotAnchored(bytes32 originHash, uint64 size);
    error NotIncluded();
    /// @notice A field of the intent or of its proof does not match the terms; `field` is its name in ASCII.
    error NotAgreed(bytes32 field);
    error NotYet(uint256 notBefore);
    error NoLonger(uint256 notAfter);

    function open(Terms calldata terms) external returns (bytes32 agreement);
    function termsDigest(Terms calldata terms) external view returns (bytes32);
    function getTerms(bytes32 agreement) external view returns (Terms memory);
    function rulesOf(bytes32 agreement) external view returns (Rules memory);
    function isListed(bytes32 agreement, address account) external view returns (bool);
    function requireAdmitted(bytes32 agreement, address account, IActs.Proof calldata admission) external view;
    function requireIntent(
        Intent calldata intent,
        bytes32 digest,
        bytes[] calldata signatures,
        Inclusion calldata proof
    ) external view returns (Rules memory);
}
