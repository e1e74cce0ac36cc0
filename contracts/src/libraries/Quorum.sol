// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Distinct signers of one digest
/// @notice Recovers the signers of a list of signatures that must be sorted by signer address, strictly ascending. The
/// order makes "distinct" a single comparison per signature and gives every quorum one canonical form.
/// @dev Signatures are 65 bytes `r ‖ s ‖ v`; OpenZeppelin's ECDSA refuses a high `s` and any other length, so a third
/// party cannot make a second valid signature out of the first.
library Quorum {
    /// @notice The signers are not in strictly ascending order (unsorted, or the same one twice).
    error SignersNotAscending(address previous, address current);

    /// @param digest what was signed (EIP-712)
    /// @param signatures 65 bytes each, sorted by the address of their signer
    /// @return signers the recovered addresses, strictly ascending
    function recover(bytes32 digest, bytes[] calldata signatures) internal pure returns (address[] memory signers) {
        signers = new address[](signatures.length);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; i++) {
            address current = ECDSA.recover(digest, signatures[i]);
            if (current <= previous) revert SignersNotAscending(previous, current);
            signers[i] = current;
            previous = current;
        }
    }
}
