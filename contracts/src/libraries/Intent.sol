// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One movement of money between two accounts of an agreement.
/// @param from who pays; zero is the agreement's escrow
/// @param to who is paid; zero is the agreement's escrow
/// @param amount minor units, more than zero
struct Entry {
    address from;
    address to;
    uint256 amount;
}

/// @notice What must be paid. Field order is frozen: it is the EIP-712 type and the log leaf alike.
/// @param network the network the agreement belongs to
/// @param chainId EIP-155 chain id
/// @param settler the contract that settles: {DirectSettlement} or {BatchSettlement}
/// @param agreement id of the agreement
/// @param termsHash SHA-256 of the agreement's terms
/// @param obligation what is paid for, such as a window of a stream; settled once per agreement
/// @param begin, end the time the obligation is about, seconds
/// @param entries who pays whom (direct), else empty
/// @param rowsHash keccak256 over the hashes of the chunks of rows (batch), else zero
/// @param rowCount how many rows (batch), else zero
/// @param positionsBefore, positionsAfter roots of all members' positions (batch), else zero
/// @param token ERC-20 in which
/// @param validAfter not paid before this time, seconds
/// @param deadline not paid after this time, seconds
/// @param decision SHA-256 of the decision
/// @param supersedes digest of the intent this one replaces, or zero
struct Intent {
    bytes32 network;
    uint256 chainId;
    address settler;
    bytes32 agreement;
    bytes32 termsHash;
    bytes32 obligation;
    uint64 begin;
    uint64 end;
    Entry[] entries;
    bytes32 rowsHash;
    uint32 rowCount;
    bytes32 positionsBefore;
    bytes32 positionsAfter;
    address token;
    uint64 validAfter;
    uint64 deadline;
    bytes32 decision;
    bytes32 supersedes;
}

/// @title The two forms of an intent: signed (EIP-712) and logged (RFC 6962 leaf)
library IntentForm {
    bytes32 internal constant ENTRY_TYPEHASH = keccak256("Entry(address from,address to,uint256 amount)");
    bytes32 internal constant TYPEHASH = keccak256(
        "Intent(bytes32 network,uint256 chainId,address settler,bytes32 agreement,bytes32 termsHash,bytes32 obligation,uint64 begin,uint64 end,Entry[] entries,bytes32 rowsHash,uint32 rowCount,bytes32 positionsBefore,bytes32 positionsAfter,address token,uint64 validAfter,uint64 deadline,bytes32 decision,bytes32 supersedes)Entry(address from,address to,uint256 amount)"
    );

    /// @notice EIP-712 hashStruct.
    function structHash(Intent calldata intent) internal pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    TYPEHASH,
                    intent.network,
                    intent.chainId,
                    intent.settler,
                    intent.agreement,
                    intent.termsHash,
                    intent.obligation,
                    intent.begin,
                    intent.end,
                    entriesHash(intent.entries)
                ),
                abi.encode(
                    intent.rowsHash,
                    intent.rowCount,
                    intent.positionsBefore,
                    intent.positionsAfter,
                    intent.token,
                    intent.validAfter,
                    intent.deadline,
                    intent.decision,
                    intent.supersedes
                )
            )
        );
    }

    /// @notice The bytes of the intent's leaf in the log: 0x02 ‖ its ABI encoding as one parameter. No device's
    /// statement can pose as one: their leaves start with 0x01.
    function leaf(Intent calldata intent) internal pure returns (bytes memory) {
        return bytes.concat(bytes1(0x02), abi.encode(intent));
    }

    function entriesHash(Entry[] calldata entries) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](entries.length);
        for (uint256 i = 0; i < entries.length; i++) {
            Entry calldata entry = entries[i];
            hashes[i] = keccak256(abi.encode(ENTRY_TYPEHASH, entry.from, entry.to, entry.amount));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
