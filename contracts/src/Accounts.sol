// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IAccounts} from "./interfaces/IAccounts.sol";
import {Acts} from "./libraries/Acts.sol";

/// @title What every party has, in every currency
/// @notice One balance per party and token. It is free: it leaves at any time, on its owner's word alone. An agreement
/// reaches none of it but what the owner locked there by an authorization. What agreements pay is credited here: a
/// credit never depends on a transfer, so nobody's frozen wallet stops the payment of others.
/// @dev The contracts of agreements (controllers) are fixed at construction; each can give out only what was locked
/// with it, so a fault of one touches no money of the other and no free balance. For every token, the tokens here are
/// at least the sum of all free balances and of all that controllers hold.
contract Accounts is IAccounts, Acts, ReentrancyGuard {
    using SafeERC20 for IERC20;

    bytes32 private constant DEPOSIT_TYPEHASH =
        keccak256("Deposit(address account,address token,uint256 amount,uint256 nonce,uint256 deadline)");
    bytes32 private constant WITHDRAWAL_TYPEHASH =
        keccak256("Withdrawal(address account,address token,address to,uint256 amount,uint256 nonce,uint256 deadline)");

    mapping(address account => bool) public isController;
    mapping(address account => mapping(address token => uint256)) private _free;
    mapping(address controller => mapping(address token => uint256)) private _held;

    /// @param controllers the contracts of agreements; their addresses are known before they are deployed
    constructor(address[] memory controllers) EIP712("Trine", "1") {
        for (uint256 i = 0; i < controllers.length; i++) isController[controllers[i]] = true;
    }

    /// @notice Deposits what the account signed for, from its own wallet.
    /// @dev A permit that fails may have been used already by whoever saw it first: what counts is the allowance.
    function deposit(Deposit calldata act, Permit calldata permit, Proof calldata proof) external nonReentrant {
        bytes32 structHash =
            keccak256(abi.encode(DEPOSIT_TYPEHASH, act.account, act.token, act.amount, act.nonce, act.deadline));
        _requireAct(act.account, structHash, act.nonce, act.deadline, proof);
        if (permit.deadline != 0) {
            try IERC20Permit(act.token).permit(
                act.account, address(this), act.amount, permit.deadline, permit.v, permit.r, permit.s
            ) {} catch {}
        }
        _deposit(act.account, act.account, act.token, act.amount);
    }

    /// @notice Deposits from the caller's wallet into anybody's balance: a sponsor, or a bank's bridge.
    function depositFor(address account, address token, uint256 amount) external nonReentrant {
        _deposit(msg.sender, account, token, amount);
    }

    /// @notice Pays out of the free balance.
    function withdraw(Withdrawal calldata act, Proof calldata proof) external nonReentrant {
        bytes32 structHash = keccak256(
            abi.encode(WITHDRAWAL_TYPEHASH, act.account, act.token, act.to, act.amount, act.nonce, act.deadline)
        );
        _requireAct(act.account, structHash, act.nonce, act.deadline, proof);
        _take(act.account, act.token, act.amount);
        emit Withdrawn(act.account, act.token, act.to, act.amount);
        IERC20(act.token).safeTransfer(act.to, act.amount);
    }

    /// @notice Moves money from the free balance into what the calling contract of agreements holds. That contract has
    /// checked that the owner authorised it.
    function lock(address account, address token, uint256 amount) external {
        _requireController();
        _take(account, token, amount);
        _held[msg.sender][token] += amount;
        emit Locked(account, token, msg.sender, amount);
    }

    /// @notice Moves money from what the calling contract of agreements holds into a free balance.
    function credit(address account, address token, uint256 amount) external {
        _requireController();
        if (account == address(0)) revert ZeroAccount();
        uint256 held = _held[msg.sender][token];
        if (held < amount) revert BalanceTooLow(msg.sender, held, amount);
        _held[msg.sender][token] = held - amount;
        _free[account][token] += amount;
        emit Credited(account, token, msg.sender, amount);
    }

    /// @notice What leaves at any time.
    function balanceOf(address account, address token) external view returns (uint256) {
        return _free[account][token];
    }

    /// @notice What is locked with a contract of agreements, all agreements together.
    function heldBy(address controller, address token) external view returns (uint256) {
        return _held[controller][token];
    }

    /// @dev Credits what arrived, not what was asked for: some tokens keep a fee.
    function _deposit(address from, address account, address token, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        if (account == address(0)) revert ZeroAccount();
        if (token.code.length == 0) revert NotAToken(token);
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(from, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        _free[account][token] += received;
        emit Deposited(account, token, received);
    }

    function _take(address account, address token, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        uint256 balance = _free[account][token];
        if (balance < amount) revert BalanceTooLow(account, balance, amount);
        _free[account][token] = balance - amount;
    }

    function _requireController() private view {
        if (!isController[msg.sender]) revert NotAController(msg.sender);
    }
}
