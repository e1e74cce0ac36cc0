// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IAgreements} from "./interfaces/IAgreements.sol";
import {ICheckpoints} from "./interfaces/ICheckpoints.sol";
import {Intent, Intents} from "./libraries/Intents.sol";
import {Quorum} from "./libraries/Quorum.sol";
import {Rfc6962} from "./libraries/Rfc6962.sol";
import {TermsRules} from "./libraries/TermsRules.sol";

/// @title Agreements that pay by themselves
/// @notice A payer and a recipient agree on who decides (k of n), at most how much, out of which log. From then on
/// money moves on one thing only: an intent
///   - signed by k of the agreement's deciders, each of whom recomputed the decision,
///   - standing in the agreement's log under a checkpoint the members anchored,
///   - whose every field matches the agreement, within its caps and times,
///   - after the dispute window, and **once per occasion**.
/// Anyone may submit it. There is no administrator, no upgrade and no pause: nobody can move money otherwise.
///
/// The life of an occasion:
///
///   None ──announce──▶ Announced ──settle──▶ Settled          (or None ──settle──▶ Settled in one step)
///     │                   │  └─ deadline passed: expire ─▶ None
///     └────dispute────────┴─▶ Held ──resolve──▶ Released ──settle──▶ Settled
///                              │ └─────resolve with zero────▶ Rejected
///                              └─ a superseding intent: announce or settle, as from None
///
/// @dev `announce` exists because only the newest roots stay provable on chain: where the dispute window is longer
/// than those last, an intent is verified when its root is fresh and paid when its window has passed.
contract Agreements is IAgreements, EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using TermsRules for Terms;

    /// @notice After validity and two dispute windows, how long the last decisions may still be brought, seconds.
    uint256 public constant GRACE = 1 days;

    /// @param balance deposited and not yet paid, minor units
    /// @param paid so far, minor units
    /// @param open occasions announced, held or released: each keeps one occasion cap from withdrawal
    struct Account {
        uint256 balance;
        uint256 paid;
        uint256 open;
    }

    ICheckpoints public immutable checkpoints;

    mapping(bytes32 agreement => Terms) private _terms;
    mapping(bytes32 agreement => Account) private _accounts;
    mapping(bytes32 agreement => mapping(bytes32 occasion => Occasion)) private _occasions;

    constructor(ICheckpoints checkpoints_) EIP712("Trine", "1") {
        checkpoints = checkpoints_;
    }

    // ── Opening and funding ─────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Opens an agreement. The payer calls; the recipient accepted by signing the same terms.
    /// @param terms what is agreed
    /// @param recipientSignature EIP-712 over the terms; ERC-1271 where the recipient is a contract
    /// @param firstDeposit first deposit in minor units (needs the token's allowance), or 0
    /// @return agreement the EIP-712 digest of the terms
    function open(Terms calldata terms, bytes calldata recipientSignature, uint256 firstDeposit)
        external
        nonReentrant
        returns (bytes32 agreement)
    {
        terms.check();
        if (msg.sender != terms.payer) revert NotAllowed(msg.sender);
        agreement = termsDigest(terms);
        if (_terms[agreement].payer != address(0)) revert AgreementExists(agreement);
        if (!SignatureChecker.isValidSignatureNow(terms.recipient, agreement, recipientSignature)) {
            revert BadRecipientSignature();
        }
        _terms[agreement] = terms;
        emit Opened(agreement, terms.payer, terms.recipient, terms);
        if (firstDeposit > 0) _deposit(agreement, terms.token, firstDeposit);
    }

    /// @notice Adds money. Only the payer: what is left goes back to it.
    function deposit(bytes32 agreement, uint256 amount) external nonReentrant {
        _deposit(agreement, _payerOnly(agreement).token, amount);
    }

    /// @notice Adds money with an EIP-2612 permit instead of an earlier approval.
    /// @dev A permit that fails may have been used already by whoever saw it first: what counts is the allowance.
    function depositWithPermit(bytes32 agreement, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        address token = _payerOnly(agreement).token;
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(agreement, token, amount);
    }

    // ── Paying ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Verifies an intent and keeps it pending until its dispute window has passed.
    function announce(Intent calldata intent, bytes[] calldata signatures, Inclusion calldata proof)
        external
        nonReentrant
    {
        bytes32 digest = intentDigest(intent);
        Terms storage terms = _known(intent.agreement);
        Occasion storage occasion = _occasions[intent.agreement][intent.occasion];
        _requireReplaceable(occasion, intent, digest, terms);
        uint64 anchoredAt = _verify(terms, intent, digest, signatures, proof);
        if (occasion.phase == Phase.None) _accounts[intent.agreement].open++;
        _occasions[intent.agreement][intent.occasion] = Occasion({
            phase: Phase.Announced,
            answered: occasion.answered || occasion.phase == Phase.Held,
            anchoredAt: anchoredAt,
            deadline: intent.deadline,
            intentHash: digest
        });
        emit Announced(intent.agreement, intent.occasion, digest, anchoredAt);
    }

    /// @notice Pays an intent. For one that was announced, signatures and proof may be empty.
    function settle(Intent calldata intent, bytes[] calldata signatures, Inclusion calldata proof)
        external
        nonReentrant
    {
        bytes32 digest = intentDigest(intent);
        Terms storage terms = _known(intent.agreement);
        Occasion storage occasion = _occasions[intent.agreement][intent.occasion];

        // May this intent be the one for its occasion, is it true, and is it time?
        bool pending = occasion.intentHash == digest
            && (occasion.phase == Phase.Announced || occasion.phase == Phase.Released);
        if (!pending) _requireReplaceable(occasion, intent, digest, terms);
        uint64 anchoredAt = pending ? occasion.anchoredAt : 0;
        if (anchoredAt == 0) anchoredAt = _verify(terms, intent, digest, signatures, proof);
        _requireDue(terms, intent, anchoredAt);
        _pay(terms, occasion, intent, digest);
    }

    // ── Disputes ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Holds the payment of an occasion: by the payer, once, or by the arbiter.
    /// @param intentHash digest of the disputed intent
    function dispute(bytes32 agreement, bytes32 occasionId, bytes32 intentHash) external {
        Terms storage terms = _known(agreement);
        Occasion storage occasion = _occasions[agreement][occasionId];
        bool arbiter = msg.sender == terms.arbiter;
        // A payer whose dispute the deciders answered with a superseding intent has had its say.
        if (!arbiter && (msg.sender != terms.payer || occasion.answered)) revert NotAllowed(msg.sender);
        _requireNotFinal(occasion, agreement, occasionId);
        if (occasion.phase == Phase.Held) revert OnHold(agreement, occasionId);
        if (occasion.phase == Phase.Released && !arbiter) revert NotAllowed(msg.sender);
        if (intentHash == bytes32(0)) revert Mismatch("intentHash");
        if (occasion.phase == Phase.None) {
            _accounts[agreement].open++;
            occasion.intentHash = intentHash;
        } else if (occasion.intentHash != intentHash) {
            revert OtherIntentPending(occasion.intentHash);
        }
        occasion.phase = Phase.Held;
        emit Disputed(agreement, occasionId, intentHash, msg.sender);
    }

    /// @notice Ends a dispute. The arbiter names the intent that may be paid (which still needs its signatures and its
    /// proof: an arbiter cannot make one up), or zero: this occasion is never paid. The payer may give in.
    function resolve(bytes32 agreement, bytes32 occasionId, bytes32 intentHash) external {
        Terms storage terms = _known(agreement);
        Occasion storage occasion = _occasions[agreement][occasionId];
        _requireNotFinal(occasion, agreement, occasionId);
        if (occasion.phase != Phase.Held && occasion.phase != Phase.Released) revert NotHeld(agreement, occasionId);
        bool givesIn = msg.sender == terms.payer && occasion.phase == Phase.Held && intentHash == occasion.intentHash;
        if (msg.sender != terms.arbiter && !givesIn) revert NotAllowed(msg.sender);
        if (intentHash == bytes32(0)) {
            occasion.phase = Phase.Rejected;
            _accounts[agreement].open--;
        } else {
            occasion.phase = Phase.Released;
            if (intentHash != occasion.intentHash) {
                occasion.intentHash = intentHash;
                occasion.anchoredAt = 0;
                occasion.deadline = 0;
            }
        }
        emit Resolved(agreement, occasionId, intentHash, msg.sender);
    }

    /// @notice Frees an occasion whose announced intent was not paid by its deadline. Anyone may call.
    function expire(bytes32 agreement, bytes32 occasionId) external {
        Occasion storage occasion = _occasions[agreement][occasionId];
        if (occasion.phase != Phase.Announced) revert NotHeld(agreement, occasionId);
        if (block.timestamp <= occasion.deadline) revert TooEarly(uint256(occasion.deadline) + 1);
        emit Expired(agreement, occasionId, occasion.intentHash);
        bool answered = occasion.answered;
        delete _occasions[agreement][occasionId];
        _occasions[agreement][occasionId].answered = answered;
        _accounts[agreement].open--;
    }

    // ── The end ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Returns to the payer what is left after the end, less one occasion cap for every open occasion.
    function withdraw(bytes32 agreement) external nonReentrant {
        Terms storage terms = _payerOnly(agreement);
        Account storage account = _accounts[agreement];
        uint256 end = closesAt(agreement);
        if (block.timestamp <= end) revert TooEarly(end + 1);
        uint256 reserved = account.open * terms.occasionCap;
        if (account.balance <= reserved) revert NothingToWithdraw(account.balance, reserved);
        uint256 amount = account.balance - reserved;
        account.balance = reserved;
        emit Withdrawn(agreement, amount);
        IERC20(terms.token).safeTransfer(terms.payer, amount);
    }

    /// @notice Until when new intents are taken, seconds; the payer may withdraw afterwards.
    function closesAt(bytes32 agreement) public view returns (uint256) {
        Terms storage terms = _known(agreement);
        return uint256(terms.validUntil) + 2 * uint256(terms.disputeWindow) + GRACE;
    }

    // ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function getTerms(bytes32 agreement) external view returns (Terms memory) {
        return _terms[agreement];
    }

    function getAccount(bytes32 agreement) external view returns (Account memory) {
        return _accounts[agreement];
    }

    function getOccasion(bytes32 agreement, bytes32 occasionId) external view returns (Occasion memory) {
        return _occasions[agreement][occasionId];
    }

    /// @notice What both parties sign, and the agreement's id.
    function termsDigest(Terms calldata terms) public view returns (bytes32) {
        return _hashTypedDataV4(terms.structHash());
    }

    /// @notice What deciders sign, and the intent's name in events and in `supersedes`.
    function intentDigest(Intent calldata intent) public view returns (bytes32) {
        return _hashTypedDataV4(Intents.structHash(intent));
    }

    // ── Private ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The only place where money leaves an agreement for its recipient: caps, then state, then the transfer.
    function _pay(Terms storage terms, Occasion storage occasion, Intent calldata intent, bytes32 digest) private {
        Account storage account = _accounts[intent.agreement];
        uint256 amount = intent.amount;
        uint256 total = account.paid + amount;
        if (total > terms.totalCap) revert AboveTotalCap(total, terms.totalCap);
        if (account.balance < amount) revert Underfunded(account.balance, amount);
        if (occasion.phase != Phase.None) account.open--;
        occasion.phase = Phase.Settled;
        account.paid = total;
        account.balance -= amount;
        emit Settled(intent.agreement, intent.occasion, digest, intent.recipient, amount, intent.decision);
        if (amount > 0) IERC20(intent.token).safeTransfer(intent.recipient, amount);
    }

    /// @dev May this intent become the one for its occasion? The first may; later ones only by superseding the pending.
    function _requireReplaceable(
        Occasion storage occasion,
        Intent calldata intent,
        bytes32 digest,
        Terms storage terms
    ) private view {
        _requireNotFinal(occasion, intent.agreement, intent.occasion);
        if (occasion.phase == Phase.None) {
            uint256 end = uint256(terms.validUntil) + 2 * uint256(terms.disputeWindow) + GRACE;
            if (block.timestamp > end) revert TooLate(end);
            return;
        }
        bytes32 pending = occasion.intentHash;
        if (occasion.phase == Phase.Held && digest == pending) revert OnHold(intent.agreement, intent.occasion);
        // What the arbiter released is the arbiter's last word: nothing supersedes it.
        if (occasion.phase == Phase.Released || intent.supersedes != pending) revert OtherIntentPending(pending);
    }

    /// @dev Everything about an intent that does not depend on the time of payment.
    /// @return anchoredAt when the root that proves it was anchored
    function _verify(
        Terms storage terms,
        Intent calldata intent,
        bytes32 digest,
        bytes[] calldata signatures,
        Inclusion calldata proof
    ) private view returns (uint64 anchoredAt) {
        if (intent.chainId != block.chainid) revert Mismatch("chainId");
        if (intent.agreements != address(this)) revert Mismatch("agreements");
        if (intent.network != terms.network) revert Mismatch("network");
        if (intent.termsHash != terms.termsHash) revert Mismatch("termsHash");
        if (intent.recipient != terms.recipient) revert Mismatch("recipient");
        if (intent.token != terms.token) revert Mismatch("token");
        if (intent.amount > terms.occasionCap) revert AboveOccasionCap(intent.amount, terms.occasionCap);

        _requireDeciders(terms, digest, signatures);

        if (!TermsRules.contains(terms.origins, proof.originHash)) revert Mismatch("origin");
        anchoredAt = checkpoints.isAnchored(proof.originHash, proof.size, proof.root);
        if (anchoredAt == 0) revert NotAnchored(proof.originHash, proof.size);
        bytes32 leafHash = Rfc6962.hashLeaf(Intents.leaf(intent));
        if (!Rfc6962.verifyInclusion(leafHash, proof.index, proof.size, proof.root, proof.path)) revert NotIncluded();
    }

    /// @dev k distinct deciders, sorted; a stranger's signature among them refuses the whole.
    function _requireDeciders(Terms storage terms, bytes32 digest, bytes[] calldata signatures) private view {
        if (signatures.length < terms.threshold) revert NotEnoughSignatures(signatures.length, terms.threshold);
        address[] memory signers = Quorum.recover(digest, signatures);
        uint256 next = 0;
        uint256 count = terms.deciders.length;
        for (uint256 i = 0; i < signers.length; i++) {
            // Both lists ascend, so one walk along the deciders finds every signer.
            while (next < count && terms.deciders[next] < signers[i]) next++;
            if (next == count || terms.deciders[next] != signers[i]) revert NotADecider(signers[i]);
        }
    }

    /// @dev Has its time come, and not passed?
    function _requireDue(Terms storage terms, Intent calldata intent, uint64 anchoredAt) private view {
        uint256 due = uint256(anchoredAt) + terms.disputeWindow;
        if (intent.validAfter > due) due = intent.validAfter;
        if (terms.validFrom > due) due = terms.validFrom;
        if (block.timestamp < due) revert TooEarly(due);
        if (block.timestamp > intent.deadline) revert TooLate(intent.deadline);
    }

    function _requireNotFinal(Occasion storage occasion, bytes32 agreement, bytes32 occasionId) private view {
        if (occasion.phase == Phase.Settled) revert AlreadySettled(agreement, occasionId);
        if (occasion.phase == Phase.Rejected) revert AlreadyRejected(agreement, occasionId);
    }

    function _known(bytes32 agreement) private view returns (Terms storage terms) {
        terms = _terms[agreement];
        if (terms.payer == address(0)) revert NoSuchAgreement(agreement);
    }

    function _payerOnly(bytes32 agreement) private view returns (Terms storage terms) {
        terms = _known(agreement);
        if (msg.sender != terms.payer) revert NotAllowed(msg.sender);
    }

    /// @dev Credits what arrived, not what was asked for: some tokens keep a fee.
    function _deposit(bytes32 agreement, address token, uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        Account storage account = _accounts[agreement];
        account.balance += received;
        emit Deposited(agreement, received, account.balance);
    }
}
