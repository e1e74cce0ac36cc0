// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgreements} from "../interfaces/IAgreements.sol";

/// @title What terms may say, and how they are signed
/// @notice Apart from {Agreements} so that the rules of paying stay on one screen.
library TermsRules {
    bytes32 internal constant TYPEHASH = keccak256(
        "Terms(bytes32 network,address payer,address recipient,address arbiter,address token,uint256 occasionCap,uint256 totalCap,bytes32 termsHash,uint64 validFrom,uint64 validUntil,uint64 disputeWindow,uint16 threshold,address[] deciders,bytes32[] origins,bytes32 salt)"
    );

    /// @notice Upper bounds keep every settlement affordable and every date far from overflow.
    uint256 internal constant DECIDERS_MAX = 16;
    uint256 internal constant ORIGINS_MAX = 8;
    uint256 internal constant DISPUTE_WINDOW_MAX = 366 days;

    /// @notice Reverts with the name of the first field that is not acceptable.
    function check(IAgreements.Terms calldata terms) internal view {
        if (terms.payer == address(0)) revert IAgreements.BadTerms("payer");
        if (terms.recipient == address(0) || terms.recipient == terms.payer) revert IAgreements.BadTerms("recipient");
        // An arbiter who is a party would judge its own case.
        if (terms.arbiter == address(0) || terms.arbiter == terms.payer || terms.arbiter == terms.recipient) {
            revert IAgreements.BadTerms("arbiter");
        }
        if (terms.token.code.length == 0) revert IAgreements.BadTerms("token");
        if (terms.occasionCap == 0 || terms.occasionCap > terms.totalCap) revert IAgreements.BadTerms("occasionCap");
        // Open occasions are multiplied by the cap when money is reserved for them: keep that far from overflow.
        if (terms.totalCap > type(uint128).max) revert IAgreements.BadTerms("totalCap");
        if (terms.validUntil <= terms.validFrom || terms.validUntil <= block.timestamp) {
            revert IAgreements.BadTerms("validUntil");
        }
        if (terms.disputeWindow > DISPUTE_WINDOW_MAX) revert IAgreements.BadTerms("disputeWindow");
        uint256 count = terms.deciders.length;
        if (count == 0 || count > DECIDERS_MAX) revert IAgreements.BadTerms("deciders");
        if (terms.threshold == 0 || terms.threshold > count) revert IAgreements.BadTerms("threshold");
        address previous = address(0);
        for (uint256 i = 0; i < count; i++) {
            if (terms.deciders[i] <= previous) revert IAgreements.BadTerms("deciders");
            previous = terms.deciders[i];
        }
        if (terms.origins.length == 0 || terms.origins.length > ORIGINS_MAX) revert IAgreements.BadTerms("origins");
    }

    /// @notice EIP-712 hashStruct; arrays are hashed as the concatenation of their words.
    function structHash(IAgreements.Terms calldata terms) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    TYPEHASH,
                    terms.network,
                    terms.payer,
                    terms.recipient,
                    terms.arbiter,
                    terms.token,
                    terms.occasionCap,
                    terms.totalCap,
                    terms.termsHash
                ),
                abi.encode(
                    terms.validFrom,
                    terms.validUntil,
                    terms.disputeWindow,
                    terms.threshold,
                    keccak256(abi.encodePacked(terms.deciders)),
                    keccak256(abi.encodePacked(terms.origins)),
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
}
