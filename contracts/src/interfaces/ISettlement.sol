// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Intent} from "../libraries/Intent.sol";
import {IActs} from "./IActs.sol";

/// @title What both ways of settling share
/// @notice Types, events and errors of {Settlement}; the rules are explained there.
interface ISettlement is IActs {
    /// @notice What a party lets an agreement take: joins it, and moves `amount` from its free balance into the lock.
    /// @param agreement the digest of the terms
    /// @param perObligation most that one obligation takes, minor units
    /// @param perPeriod most that the obligations of one `period` take together (direct agreements), or zero
    /// @param period seconds, counted from the terms' `validFrom`, or zero
    /// @param amount to be locked now, minor units; zero joins as one who is only paid
    /// @param from, until obligations that end before or begin after are not covered, seconds
    struct Authorization {
        bytes32 agreement;
        address account;
        uint128 perObligation;
        uint128 perPeriod;
        uint64 period;
        uint128 amount;
        uint64 from;
        uint64 until;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Obligations that begin after it are not covered by the account's authorization.
    struct Revocation {
        bytes32 agreement;
        address account;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Holds an announced intent.
    struct Hold {
        bytes32 agreement;
        bytes32 obligation;
        bytes32 intent;
        address account;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice What ends a hold: the arbiter's word, or the giving in of the party that holds.
    enum Ruling {
        None,
        Pay,
        Drop,
        Redecide
    }

    struct Ruled {
        bytes32 agreement;
        bytes32 obligation;
        bytes32 intent;
        Ruling ruling;
        address account;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice The life of an obligation. Settled and Dropped are final.
    enum Phase {
        None,
        Announced,
        Held,
        Released,
        Settled,
        Dropped
    }

    /// @param phase where it stands
    /// @param redecide while held: a superseding intent may end the hold
    /// @param since when it came into this phase, seconds
    /// @param deadline after which the pending intent is not paid, seconds; later than its own if it was held
    /// @param holder who holds it now, or held it last
    /// @param intent digest of the pending or settled intent
    struct Obligation {
        Phase phase;
        bool redecide;
        uint64 since;
        uint64 deadline;
        address holder;
        bytes32 intent;
    }

    /// @notice For which obligations an authorization stands: those that do not end before it begins, nor begin after it
    /// ends or was revoked.
    /// @param since when it was given, seconds; zero for never
    /// @param from, until when it begins and ends, seconds
    /// @param revokedAt when it was revoked, seconds; zero if it was not
    struct Cover {
        uint64 since;
        uint64 from;
        uint64 until;
        uint64 revokedAt;
    }

    event Authorized(
        bytes32 indexed agreement, address indexed account, uint128 amount, uint128 perObligation, uint64 until
    );
    event Revoked(bytes32 indexed agreement, address indexed account, uint64 revokedAt);
    event Released(bytes32 indexed agreement, address indexed account, uint256 amount);
    event Announced(bytes32 indexed agreement, bytes32 indexed obligation, bytes32 indexed intent, uint64 due);
    event HeldBy(bytes32 indexed agreement, bytes32 indexed obligation, bytes32 indexed intent, address account);
    event HoldEnded(
        bytes32 indexed agreement, bytes32 indexed obligation, bytes32 indexed intent, Ruling ruling, address account
    );
    event Expired(bytes32 indexed agreement, bytes32 indexed obligation, bytes32 indexed intent);
    event Settled(bytes32 indexed agreement, bytes32 indexed obligation, bytes32 indexed intent, bytes32 decision);

    /// @notice A field of the authorization is not acceptable; `field` is its name in ASCII.
    error BadAuthorization(bytes32 field);
    /// @notice What was handed in does not fit the intent, the pending one, or this way of settling; `field` is the name
    /// of what does not, in ASCII.
    error Mismatch(bytes32 field);
    error NotAllowed(address account);
    /// @notice The obligation is settled or dropped for good.
    error AlreadyFinal(bytes32 agreement, bytes32 obligation);
    /// @notice The intent was replaced or refuted: what is right now must be signed anew.
    error Discarded(bytes32 intent);
    /// @notice Another intent is pending for this obligation and this one does not supersede it.
    error OtherIntentPending(bytes32 pending);
    /// @notice The obligation is held: wait for a ruling, a superseding intent, or the end of the hold.
    error OnHold(bytes32 agreement, bytes32 obligation);
    error WrongPhase(Phase phase);
    /// @notice Whoever holds it has held it before: each side holds an obligation once.
    error HeldBefore(address account);
    error TooEarly(uint256 notBefore);
    error TooLate(uint256 notAfter);
    /// @notice The account's authorization does not cover an obligation of that time.
    error NotCovered(address account, uint64 begin, uint64 end);
    error AboveLimit(address account, uint256 amount, uint256 limit);
    error NothingToRelease();

    /// @notice The shortest window that terms may name, seconds.
    function windowMin() external view returns (uint64);
}
