// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Quorum} from "./libraries/Quorum.sol";

/// @title Who is a member, and whose key is whose
/// @notice Members are the organisations of one network. A change of the members or of the quorum needs the EIP-712
/// approvals of a quorum of the members in office; after construction nobody, the deployer included, has any other
/// way. Keys are the devices' and services' signing keys, each entered by the member that owns it.
/// @dev History is in the events; storage holds the present state only. What a key said before it was revoked stays
/// valid: `since` and `until` are block numbers, so a verifier can place a statement's log position against them.
contract Registry is EIP712 {
    enum Status {
        None,
        Active,
        Ended
    }

    /// @param status Active, or Ended for a suspended member (which may be made active again)
    /// @param organisation SHA-256 of the organisation's identifier (its DID), which is in the event
    /// @param logKey SHA-256 of the verifier key of the member's log, or zero
    struct Member {
        Status status;
        bytes32 organisation;
        bytes32 logKey;
    }

    /// @param subject SHA-256 of what the key speaks for: stable while keys are rotated
    /// @param status Active, or Ended for a revoked key (for good)
    /// @param class assurance of the key: 1 hardware, 2 software, 3 gateway, 4 imported, 5 simulated
    /// @param since block of the registration
    /// @param until block of the revocation, 0 while active
    struct Key {
        bytes32 subject;
        Status status;
        uint8 class;
        uint64 since;
        uint64 until;
    }

    bytes32 private constant CHANGE_TYPEHASH = keccak256(
        "MemberChange(address member,string organisation,bytes32 logKey,bool active,uint16 quorum,uint256 nonce)"
    );

    /// @notice Upper bound that keeps every quorum check affordable.
    uint256 public constant MEMBERS_MAX = 64;

    mapping(address member => Member) private _members;
    /// @dev Per owner, so that no member can block another by registering its key first.
    mapping(address owner => mapping(bytes32 keyId => Key)) private _keys;

    /// @notice How many active members must sign a checkpoint or a change.
    uint16 public quorum;
    /// @notice How many members are active.
    uint16 public activeMembers;
    /// @notice The number of the next change; part of what is signed, so an approval counts once.
    uint256 public nonce;

    event MemberChanged(
        address indexed member, string organisation, bytes32 logKey, bool active, uint16 quorum, uint256 nonce
    );
    event KeyRegistered(address indexed owner, bytes32 indexed keyId, bytes32 indexed subject, uint8 class);
    event KeyRevoked(address indexed owner, bytes32 indexed keyId);

    error NotAMember(address account);
    error NotEnoughSignatures(uint256 given, uint256 needed);
    /// @notice A quorum must be more than half of the active members and at most all of them.
    error BadQuorum(uint256 quorum, uint256 activeMembers);
    error TooManyMembers(uint256 maximum);
    error ZeroAddress();
    error BadClass(uint8 class);
    error KeyExists(address owner, bytes32 keyId);
    error KeyNotActive(address owner, bytes32 keyId);

    /// @param members the first members, strictly ascending
    /// @param organisations their identifiers, in the same order
    /// @param logKeys their logs' key hashes, in the same order
    /// @param quorum_ more than half of the members
    constructor(address[] memory members, string[] memory organisations, bytes32[] memory logKeys, uint16 quorum_)
        EIP712("Trine", "1")
    {
        address previous = address(0);
        for (uint256 i = 0; i < members.length; i++) {
            if (members[i] <= previous) revert Quorum.SignersNotAscending(previous, members[i]);
            previous = members[i];
            _setMember(members[i], organisations[i], logKeys[i], true, quorum_);
        }
        _setQuorum(quorum_);
    }

    /// @notice Adds, updates, suspends or readmits one member and sets the quorum that holds from then on.
    /// @param approvals signatures by at least `quorum` active members, sorted by signer
    function changeMember(
        address member,
        string calldata organisation,
        bytes32 logKey,
        bool active,
        uint16 newQuorum,
        bytes[] calldata approvals
    ) external {
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    CHANGE_TYPEHASH, member, keccak256(bytes(organisation)), logKey, active, newQuorum, nonce
                )
            )
        );
        requireQuorum(digest, approvals);
        _setMember(member, organisation, logKey, active, newQuorum);
        nonce++;
        _setQuorum(newQuorum);
    }

    /// @notice Enters a signing key of the caller's.
    /// @param keyId SHA-256 of the COSE key; a key id is registered once and for all per owner
    /// @param subject SHA-256 of what it speaks for
    /// @param class assurance, 1 to 5
    function registerKey(bytes32 keyId, bytes32 subject, uint8 class) external {
        if (!isMember(msg.sender)) revert NotAMember(msg.sender);
        if (class == 0 || class > 5) revert BadClass(class);
        Key storage key = _keys[msg.sender][keyId];
        if (key.status != Status.None) revert KeyExists(msg.sender, keyId);
        _keys[msg.sender][keyId] = Key(subject, Status.Active, class, uint64(block.number), 0);
        emit KeyRegistered(msg.sender, keyId, subject, class);
    }

    /// @notice Ends a key of the caller's, for good. A suspended member may still revoke.
    function revokeKey(bytes32 keyId) external {
        Key storage key = _keys[msg.sender][keyId];
        if (key.status != Status.Active) revert KeyNotActive(msg.sender, keyId);
        key.status = Status.Ended;
        key.until = uint64(block.number);
        emit KeyRevoked(msg.sender, keyId);
    }

    /// @notice Reverts unless at least `quorum` distinct active members signed `digest`.
    /// @dev Every signature must be a member's: a stranger's among them refuses the whole, which keeps calls canonical.
    function requireQuorum(bytes32 digest, bytes[] calldata signatures) public view {
        if (signatures.length < quorum) revert NotEnoughSignatures(signatures.length, quorum);
        address[] memory signers = Quorum.recover(digest, signatures);
        for (uint256 i = 0; i < signers.length; i++) {
            if (!isMember(signers[i])) revert NotAMember(signers[i]);
        }
    }

    /// @notice Is the account a member in office?
    function isMember(address account) public view returns (bool) {
        return _members[account].status == Status.Active;
    }

    function getMember(address member) external view returns (Member memory) {
        return _members[member];
    }

    function getKey(address owner, bytes32 keyId) external view returns (Key memory) {
        return _keys[owner][keyId];
    }

    function _setMember(address member, string memory organisation, bytes32 logKey, bool active, uint16 quorum_)
        private
    {
        if (member == address(0)) revert ZeroAddress();
        bool was = isMember(member);
        if (active && !was) activeMembers++;
        if (!active && was) activeMembers--;
        if (activeMembers > MEMBERS_MAX) revert TooManyMembers(MEMBERS_MAX);
        _members[member] = Member(active ? Status.Active : Status.Ended, sha256(bytes(organisation)), logKey);
        emit MemberChanged(member, organisation, logKey, active, quorum_, nonce);
    }

    /// @dev More than half, so that two disjoint groups can never both be a quorum.
    function _setQuorum(uint16 quorum_) private {
        if (quorum_ > activeMembers || uint256(quorum_) * 2 <= activeMembers) {
            revert BadQuorum(quorum_, activeMembers);
        }
        quorum = quorum_;
    }
}
