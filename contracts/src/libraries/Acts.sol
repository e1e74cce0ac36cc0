// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IActs} from "../interfaces/IActs.sol";

/// @title Acts that are signed by one and submitted by anyone
/// @notice An account is an address: of an ECDSA key, of a contract (ERC-1271), or, for a key that has none, the last
/// 20 bytes of keccak256 of its ERC-7913 signer.
/// @dev Nonces are unordered (as in Permit2): two acts signed at the same time do not wait for one another.
abstract contract Acts is IActs, EIP712 {
    mapping(address account => mapping(uint256 word => uint256 bits)) private _nonces;

    /// @inheritdoc IActs
    function cancelNonce(uint256 nonce) external {
        _useNonce(msg.sender, nonce);
    }

    /// @inheritdoc IActs
    function isNonceUsed(address account, uint256 nonce) public view returns (bool) {
        return _nonces[account][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @dev Reverts unless the account did this act now: it sends the transaction, or signed it, once, in time.
    function _requireAct(address account, bytes32 structHash, uint256 nonce, uint256 deadline, Proof calldata proof)
        internal
    {
        if (block.timestamp > deadline) revert ActExpired(deadline);
        _useNonce(account, nonce);
        if (proof.signature.length == 0 && msg.sender == account) return;
        _requireSigned(account, structHash, proof);
    }

    /// @dev Reverts unless the account signed this struct.
    function _requireSigned(address account, bytes32 structHash, Proof calldata proof) internal view {
        bytes32 digest = _hashTypedDataV4(structHash);
        bool ok = proof.signer.length == 0
            ? SignatureChecker.isValidSignatureNowCalldata(account, digest, proof.signature)
            : address(uint160(uint256(keccak256(proof.signer)))) == account
                && SignatureChecker.isValidSignatureNow(proof.signer, digest, proof.signature);
        if (!ok) revert BadSignature(account);
    }

    function _useNonce(address account, uint256 nonce) private {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 bits = _nonces[account][nonce >> 8];
        if (bits & bit != 0) revert NonceUsed(account, nonce);
        _nonces[account][nonce >> 8] = bits | bit;
    }
}
