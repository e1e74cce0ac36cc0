// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Intent} from "../libraries/Intents.sol";

/// @title Agreements that pay by themselves
/// @notice Types, events and errors of {Agreements}; the rules are explained there.
interface IAgreements {
    /// @notice What both parties sign. Its EIP-712 digest is the agreement's id.
    /// @param network the network the agreement belongs to
    /// @param payer who funds it and gets back what is left
    /// @param recipient the only account it can pay
    /// @param arbiter settles disputes; neither party
    /// @param token ERC-20 in which it pays
    /// @param occasionCap most that one occasion pays, minor units
    /// @param totalCap most that all occasions pay together, minor units
    /// @param termsHash SHA-256 of the terms in words and code
    /// @param validFrom, validUntil when it holds, seconds
    /// @param disputeWindow how long a decision stands open after its anchoring, seconds
    /// @param threshold how many deciders must sign
    /// @param deciders who recompute decisions, strictly ascending
    /// @param origins keccak256 of the origins of the logs in which intents may stand
    /// @param salt tells apart agreements with the same terms
    struct Terms {
        bytes32 network;
        address payer;
        address recipient;
        address arbiter;
        address token;
        uint256 occasionCap;
        uint256 totalCap;
        bytes32 termsHash;
        uint64 validFrom;
        uint64 validUntil;
        uint64 disputeWindow;
        uint16 threshold;
        address[] deciders;
        bytes32[] origins;
        bytes32 salt;
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

    /// @notice The life of an occasion. Settled and Rejected are final.
    enum Phase {
        None,
        Announced,
        Held,
        Released,
        Settled,
        Rejected
    }

    /// @param phase where it stands
    /// @param answered a superseding intent answered the payer's dispute: the payer may not dispute again
    /// @param anchoredAt anchor time of the pending intent if it was verified, else 0
    /// @param deadline of the pending intent if it was verified, else 0
    /// @param intentHash the pending, disputed or released intent
    struct Occasion {
        Phase phase;
        bool answered;
        uint64 anchoredAt;
        uint64 deadline;
        bytes32 intentHash;
    }

    event Opened(bytes32 indexed agreement, address indexed payer, address indexed recipient, Terms terms);
    event Deposited(bytes32 indexed agreement, uint256 amount, uint256 balance);
    event Announced(bytes32 indexed agreement, bytes32 indexed occasion, bytes32 indexed intentHash, uint64 anchoredAt);
    event Disputed(bytes32 indexed agreement, bytes32 indexed occasion, bytes32 indexed intentHash, address by);
    event Resolved(bytes32 indexed agreement, bytes32 indexed occasion, bytes32 indexed intentHash, address by);
    event Expired(bytes32 indexed agreement, bytes32 indexed occasion, bytes32 indexed intentHash);
    event Settled(
        bytes32 indexed agreement,
        bytes32 indexed occasion,
        bytes32 indexed intentHash,
        address recipient,
        uint256 amount,
        bytes32 decision
    );
    event Withdrawn(bytes32 indexed agreement, uint256 amount);

    /// @notice A field of the terms is not acceptable; `field` is its name in ASCII.
    error BadTerms(bytes32 field);
    /// @notice A field of the intent or of its proof does not match the agreement; `field` is its name in ASCII.
    error Mismatch(bytes32 field);
    error AgreementExists(bytes32 agreement);
    error NoSuchAgreement(bytes32 agreement);
    error NotAllowed(address account);
    error BadRecipientSignature();
    error NotEnoughSignatures(uint256 given, uint256 needed);
    error NotADecider(address account);
    /// @notice The root is not (or no longer) among the anchored ones: anchor, or prove under a newer root.
    error NotAnchored(bytes32 originHash, uint64 size);
    error NotIncluded();
    error AlreadySettled(bytes32 agreement, bytes32 occasion);
    error AlreadyRejected(bytes32 agreement, bytes32 occasion);
    /// @notice Another intent is pending for this occasion and this one does not supersede it.
    error OtherIntentPending(bytes32 pending);
    /// @notice The occasion is disputed: wait for the arbiter or for a superseding intent.
    error OnHold(bytes32 agreement, bytes32 occasion);
    error NotHeld(bytes32 agreement, bytes32 occasion);
    error TooEarly(uint256 notBefore);
    error TooLate(uint256 notAfter);
    error AboveOccasionCap(uint256 amount, uint256 cap);
    error AboveTotalCap(uint256 total, uint256 cap);
    /// @notice The agreement holds less than is due: deposit more.
    error Underfunded(uint256 balance, uint256 amount);
    error NothingToWithdraw(uint256 balance, uint256 reserved);
}
