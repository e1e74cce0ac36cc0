// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The rows of a batch as they stand in calldata
/// @notice A row is 12 bytes: the member's number (4) and what the obligation adds to its position, in minor units, as
/// a zigzag code (8): 2n for n ≥ 0, −2n − 1 for n < 0. So small amounts of either sign are mostly zero bytes, which
/// calldata charges least. Numbers ascend strictly; a row of zero has no place.
library Rows {
    uint256 internal constant ROW_BYTES = 12;
    /// @notice Rows of every chunk but the last: small enough that one who refutes can afford to show a chunk again.
    uint256 internal constant CHUNK_ROWS = 1024;

    error BadRow(uint256 index);

    /// @notice Adds up rows and checks their order.
    /// @param rows whole rows
    /// @param previous the number before the first; numbers start at 1
    /// @return last the last number
    /// @return sum of all
    function check(bytes calldata rows, uint256 previous) internal pure returns (uint256 last, int256 sum) {
        uint256 bad = type(uint256).max;
        assembly ("memory-safe") {
            last := previous
            let end := add(rows.offset, rows.length)
            for { let at := rows.offset } lt(at, end) { at := add(at, 12) } {
                let word := calldataload(at)
                let member := shr(224, word)
                let code := and(shr(160, word), 0xffffffffffffffff)
                if or(iszero(gt(member, last)), iszero(code)) {
                    bad := div(sub(at, rows.offset), 12)
                    break
                }
                last := member
                // zigzag: (code >> 1) ^ -(code & 1)
                sum := add(sum, xor(shr(1, code), sub(0, and(code, 1))))
            }
        }
        if (bad != type(uint256).max) revert BadRow(bad);
    }

    /// @notice What the rows say of a member: zero where they do not name it.
    function amountOf(bytes calldata rows, uint32 number) internal pure returns (int128) {
        uint256 low = 0;
        uint256 high = rows.length / ROW_BYTES;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            uint256 word;
            assembly ("memory-safe") {
                word := calldataload(add(rows.offset, mul(middle, 12)))
            }
            uint32 found = uint32(word >> 224);
            if (found == number) return _amount(word);
            if (found < number) low = middle + 1;
            else high = middle;
        }
        return 0;
    }

    /// @notice One row.
    function read(bytes calldata rows, uint256 index) internal pure returns (uint32 number, int128 amount) {
        uint256 word;
        assembly ("memory-safe") {
            word := calldataload(add(rows.offset, mul(index, 12)))
        }
        return (uint32(word >> 224), _amount(word));
    }

    function _amount(uint256 word) private pure returns (int128) {
        uint256 code = (word >> 160) & type(uint64).max;
        return code & 1 == 0 ? int128(uint128(code >> 1)) : -int128(uint128((code >> 1) + 1));
    }
}
