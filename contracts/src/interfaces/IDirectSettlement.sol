// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Intent} from "../libraries/Intent.sol";
import {IAgreementTerms} from "./IAgreementTerms.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Agreements whose obligations are paid entry by entry
/// @notice Types, events and errors of {DirectSettlement}; the rules are explained there.
interface IDirectSettlement is ISettlement {
    /// @param perObligation most that one obligation takes, minor units
    /// @param locked what is left of the lock, minor units
    /// @param perPeriod most that the obligations of one period take together, or zero
    /// @param period seconds from the terms' `validFrom`, or zero
    /// @param cover for which obligations
    struct Limits {
        uint128 perObligation;
        uint128 locked;
        uint128 perPeriod;
        uint64 period;
        Cover cover;
    }

    event Paid(
        bytes32 indexed agreement, bytes32 indexed obligation, address indexed to, address from, uint256 amount
    );
    event EscrowReturned(bytes32 indexed agreement, address indexed to, uint256 amount);

    /// @notice An entry is not acceptable; `field` is its field's name in ASCII.
    error BadEntry(uint256 index, bytes32 field);

    function announce(Intent calldata intent, bytes[] calldata signatures, IAgreementTerms.Inclusion calldata proof) external;
    function supersede(
        Intent calldata pending,
        Intent calldata intent,
        bytes[] calldata signatures,
        IAgreementTerms.Inclusion calldata proof
    ) external;
    function settle(Intent calldata intent, bytes[] calldata signatures, IAgreementTerms.Inclusion calldata proof) external;
}
