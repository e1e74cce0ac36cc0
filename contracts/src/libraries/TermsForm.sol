// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreementTerms} from "../interfaces/IAgreementTerms.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title What terms may say, and how they are signed
/// @notice Apart from {AgreementTerms} so that the rules of paying stay on one screen.
library TermsForm {
    bytes32 internal constant TYPEHASH = keccak256(
        "Terms(bytes32 network,address settler,bytes32 termsHash,address token,uint64 validFrom,uint64 validUntil,uint64 obligationMax,uint64 settleWithin,uint64 window,uint64 holdMax,bool payAfterHold,address arbiter,address registrar,address residuary,uint128 bond,uint16 threshold,address[] deciders,bytes32[] origins,address[] parties,bytes32 salt)"
    );

    /// @notice How long an obligation that may be paid waits for somebody to submit it, seconds.
    uint64 internal constant SETTLE_TIME = 30 days;

    /// @notice Upper bounds keep every settlement affordable and every date far from overflow.
    uint256 internal constant DECIDERS_MAX = 16;
    uint256 internal constant ORIGINS_MAX = 8;
    uint256 internal constant PARTIES_MAX = 16;
    uint256 internal constant DURATION_MAX = 1830 days;
    uint256 internal constant HOLD_MAX = 366 days;

    /// @notice Reverts with the name of the first field that is not acceptable.
    function check(IAgreementTerms.Terms calldata terms) internal view {
        if (terms.settler.code.length == 0) revert IAgreementTerms.BadTerms("settler");
        if (terms.token.code.length == 0) revert IAgreementTerms.BadTerms("token");
        if (terms.validUntil <= terms.validFrom || terms.validUntil <= block.timestamp) {
            revert IAgreementTerms.BadTerms("validUntil");
        }
        if (terms.validUntil > type(uint48).max) revert IAgreementTerms.BadTerms("validUntil");
        // One second more for times that were rounded, begins down and ends up.
        if (terms.obligationMax > DURATION_MAX + 1) revert IAgreementTerms.BadTerms("obligationMax");
        if (terms.settleWithin == 0 || terms.settleWithin > DURATION_MAX) revert IAgreementTerms.BadTerms("settleWithin");
        if (terms.window < ISettlement(terms.settler).windowMin() || terms.window > HOLD_MAX) revert IAgreementTerms.BadTerms("window");
        if (terms.holdMax > HOLD_MAX) revert IAgreementTerms.BadTerms("holdMax");
        if (terms.arbiter == address(0) || terms.arbiter == terms.residuary) revert IAgreementTerms.BadTerms("arbiter");
        if (terms.residuary == address(0)) revert IAgreementTerms.BadTerms("residuary");
        uint256 count = terms.deciders.length;
        if (count == 0 || count > DECIDERS_MAX) revert IAgreementTerms.BadTerms("deciders");
        if (terms.threshold == 0 || terms.threshold > count) revert IAgreementTerms.BadTerms("threshold");
        address previous = address(0);
        for (uint256 i = 0; i < count; i++) {
            if (terms.deciders[i] <= previous) revert IAgreementTerms.BadTerms("deciders");
            previous = terms.deciders[i];
        }
        if (terms.origins.length == 0 || terms.origins.length > ORIGINS_MAX) revert IAgreementTerms.BadTerms("origins");
        if (terms.parties.length > PARTIES_MAX) revert IAgreementTerms.BadTerms("parties");
        // An arbiter who is a party would judge its own case.
        for (uint256 i = 0; i < terms.parties.length; i++) {
            if (terms.parties[i] == address(0) || terms.parties[i] == terms.arbiter) {
                revert IAgreementTerms.BadTerms("parties");
            }
        }
    }

    /// @notice EIP-712 hashStruct; arrays are hashed as the concatenation of their words.
    function structHash(IAgreementTerms.Terms calldata terms) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    TYPEHASH,
                    terms.network,
                    terms.settler,
                    terms.termsHash,
                    terms.token,
                    terms.validFrom,
                    terms.validUntil,
                    terms.obligationMax,
                    terms.settleWithin,
                    terms.window,
                    terms.holdMax
                ),
                abi.encode(
                    terms.payAfterHold,
                    terms.arbiter,
                    terms.registrar,
                    terms.residuary,
                    terms.bond,
                    terms.threshold,
                    keccak256(abi.encodePacked(terms.deciders)),
                    keccak256(abi.encodePacked(terms.origins)),
                    keccak256(abi.encodePacked(terms.parties)),
                    terms.salt
                )
            )
        );
    }

    function contains(bytes32[] storage list, bytes32 value) internal view returns (bool) {
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] == value) return true;
        }
        return false;
    }

    function contains(address[] storage list, address value) internal view returns (bool) {
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] == value) return true;
        }
        return false;
    }
}
