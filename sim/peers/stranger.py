"""A stranger's verifier of evidence files, written from docs/reference alone, sharing no line with this project.

    stranger.py verify FILE NETWORK.json          what the file proves under that network document

Everything but the replay: form, network, checkpoint, inclusion, keys, signatures, bodies, ranges, heads, cut, terms, intent,
deciders, anchor and payment. Needs Debian's python3-cbor2 and python3-cryptography; ethereum.py has the rest. Prints
one JSON object; exits with 1 and a sentence otherwise.
"""
import base64
import hashlib
import json
import struct
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from ethereum import keccak256, need, receipt_logs, signer_of, typed_digest
from outsider import Wrong, canonical, check_statement, sha256, tree_root

PACK, DECISION, ENROLMENT, KEY_STATUS, AGREEMENT, SETTLEMENT, NETWORK, MONITOR, CONSENT = 1, 2, 3, 4, 5, 7, 9, 10, 21


# The steps of docs/reference/evidence.md


def checkpoint(note, keys):
    text, signatures = note.split("\n\n", 1)
    origin, size, root = text.split("\n")
    need(origin in keys, "no member has a log of this origin")
    public = base64.b64decode(keys[origin].split("+", 2)[2])[1:]
    own = [line.split(" ")[2] for line in signatures.splitlines() if line.split(" ")[1] == origin]
    need(own, "the log did not sign the checkpoint")
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(own[0])[4:], (text + "\n").encode())
    except InvalidSignature:
        raise Wrong("the log's signature over the checkpoint does not hold") from None
    return origin, int(size), base64.b64decode(root)


def multiproof(leaves, size, proof):
    """The root that leaves (by index, their hashes) and the roots of the subtrees without any of them lead to."""
    left = iter(proof)

    def root(start, end):
        if not any(start <= index < end for index in leaves):
            return next(left)
        if end - start == 1:
            return leaves[start]
        half = 1 << ((end - start - 1).bit_length() - 1)
        return sha256(b"\1" + root(start, start + half) + root(start + half, end))

    try:
        found = root(0, size)
    except StopIteration:
        raise Wrong("a proof with too few hashes") from None
    need(next(left, None) is None, "a proof with hashes left over")
    return found


class File:
    def __init__(self, data, network):
        self.evidence = cbor2.loads(data)
        need(canonical(self.evidence) == data, "the file is not in deterministic CBOR")
        need(self.evidence["trine"] == "evidence/1", "this is no evidence file")
        self.network, self.statements, self.intents, self.arrivals = network, [], [], {}
        keys = {log["origin"]: log["vkey"] for member in network["members"] for log in member["logs"]}
        self.sizes = {}
        for rank, log in enumerate(self.evidence["logs"]):
            origin, size, root = checkpoint(log["checkpoint"], keys)
            hashes = {each["index"]: sha256(b"\0" + each["leaf"]) for each in log["leaves"]}
            need(multiproof(hashes, size, log["proof"]) == root, "the leaves do not lead to the checkpoint's root")
            self.sizes[origin] = (size, root)
            bodies = {each["index"]: each["disclosure"] for each in log["bodies"]}
            for each in log["leaves"]:
                self.take(origin, rank, each["index"], each["leaf"], each["index"] in log.get("arrivals", ()), bodies)
        self.statements.sort(key=lambda one: (one["arrival"], one["rank"], one["index"]))
        self.identify()

    def take(self, origin, rank, index, leaf, shows_arrival, bodies):
        arrival = struct.unpack(">Q", leaf[1:9])[0] if leaf[0] == 1 else None
        if arrival is not None:
            self.arrivals[origin, index] = arrival
        if shows_arrival:
            return
        if leaf[0] == 2:
            self.intents.append((origin, index, leaf))
            return
        found = check_statement(leaf[9:])
        head = cbor2.loads(cbor2.loads(leaf[9:]).value[0])
        found |= {"origin": origin, "rank": rank, "index": index, "arrival": arrival, "trine": head[-65537]}
        found |= {"network": head[15][3], "sealed": 258 in head, "body": None if 258 in head else found["payload"]}
        if index in bodies:
            need(sha256(bodies[index]) == found["payload"], "a body is not the one that was signed")
            found["body"] = cbor2.loads(bodies[index])[1]
        self.statements.append(found)

    def of(self, *kinds):
        return [one for one in self.statements if one["kind"] in kinds]

    def only(self, *kinds):
        found = self.of(*kinds)
        need(len(found) == 1, f"the file should hold one statement of kind {kinds}; it holds {len(found)}")
        return found[0]

    def identify(self):
        """Every key is a member's, or was enrolled by one before it speaks, for the subject, and not revoked."""
        members = {member["key"] for member in self.network["members"]}
        self.owners, revoked = {key: key for key in members}, set()
        for one in self.statements:
            need(one["network"] == self.network["id"], "a statement is of another network")
            need(one["issuer"] in self.owners and one["issuer"] not in revoked, "nobody enrolled a key, or it was revoked")
            is_member = one["issuer"] in members
            need(is_member or one["kind"] in (PACK, 15), "a key says what only a member may say")
            if one["kind"] == ENROLMENT:
                self.owners[cbor2.loads(one["payload"])["key"]] = one["subject"]
            if one["kind"] == KEY_STATUS:
                revoked.add(cbor2.loads(one["payload"])["key"])
            one["owner"] = self.owners[one["issuer"]]


def check_network(file, network):
    sealed = file.only(NETWORK)
    told = json.dumps(network, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    need(sealed["payload"] == told, "the network document in the file is not the one given")


def check_decision(file):
    sealed = file.of(DECISION)[-1]
    decision = cbor2.loads(sealed["payload"])
    cuts = decision["cuts"]
    need([each["origin"] for each in cuts] == list(file.sizes), "the cuts are not of the logs in the file")
    for cut in cuts:
        at, before = (file.arrivals.get((cut["origin"], cut["index"] - i)) for i in (0, 1))
        need(cut["index"] == file.sizes[cut["origin"]][0] or at is None or at >= cut["atMs"], "the cut came before its time")
        need(before is None or before < cut["atMs"], "the cut is not the first leaf after its time")
        need(cut["atMs"] >= decision["obligation"]["toMs"], "it was decided before the time was over")
    need(sealed["arrival"] >= max(cut["atMs"] for cut in cuts), "the decision came before its cut")
    if file.evidence["about"]["kind"] != "row":
        states = [[each["key"], sha256(each["disclosure"])] for each in file.evidence.get("states", ())]
        root = tree_root([sha256(b"\0" + canonical(each)) for each in states])
        need(root == decision["statesBefore"]["root"], "the states are not those it started from")
    check_ranges(file, decision, {cut["origin"]: cut["index"] for cut in cuts})
    shown = file.evidence["heads"]
    leaves = {each["index"]: sha256(b"\0" + canonical(each["head"])) for each in shown["entries"]}
    if leaves:
        root = multiproof(leaves, decision["heads"]["count"], shown["proof"])
        need(root == decision["heads"]["root"], "the heads in the file are not those the decision names")
    return sealed, decision, sha256(sealed["payload"])


def check_ranges(file, decision, cuts):
    parts, spoken = [], file.of(PACK, 15)
    for part in file.evidence["inputs"]:
        parts.append((part["key"], sha256(canonical(part["ranges"]))))
        for run in part["ranges"]:
            own = [
                one
                for one in spoken
                if (one["owner"], one["subject"]) == (run["keyOwner"], run["subject"])
                and one["trine"][3] == run["epoch"]
                and run["fromSeq"] <= one["trine"][4] <= run["toSeq"]
            ]
            own.sort(key=lambda one: (one["trine"][4], one["id"]))
            need(len(own) == run["count"], f"a run of {run['keyOwner']} is not in the file as it should be")
            need(tree_root([sha256(b"\0" + one["id"]) for one in own]) == run["root"], "a run has another root")
            need(all(one["index"] < cuts[one["origin"]] for one in own), "something went in from beyond the cut")
            need(all(b["trine"].get(5) == a["id"] for a, b in zip(own, own[1:])), "a run is not linked")
            need(all(one["body"] is not None for one in own), "a body of what went in is missing")
    if file.evidence["about"]["kind"] != "row":
        leaves = [sha256(b"\0" + canonical([key, value])) for key, value in sorted(parts, key=lambda each: each[0].encode())]
        need(tree_root(leaves) == decision["inputs"]["root"], "the inputs are not those the decision names")


def check_terms(file, sealed, decision):
    is_money = "agreement" in decision
    named = file.only(AGREEMENT if is_money else MONITOR)
    need(sha256(named["payload"]) == decision["policy"], "the decision was made under other terms")
    policy = cbor2.loads(named["payload"])
    need(policy["network"] == file.network["id"], "the terms are of another network")
    need(sealed["issuer"] in [each["key"] for each in policy["deciders"]["list"]], "it is signed by no decider of the terms")
    need(sealed["subject"] == policy["subject"], "the decision is about another subject")
    period, obligation = policy["period"], decision["obligation"]
    need(period["startMs"] <= obligation["fromMs"] and obligation["toMs"] <= period["endMs"], "it is outside the period")
    signed = []
    for one in file.of(CONSENT):
        consent = cbor2.loads(one["payload"])
        party = next(each for each in policy["parties"] if each["role"] == consent["role"])
        need(consent["agreement"] == decision["agreement"], "a consent is to other terms")
        need(signer_of(consent["agreement"], consent["signature"]) == party["address"], "a party did not sign")
        signed.append(consent["role"])
    return policy, signed


WORDS = "network chainId settler agreement termsHash obligation begin end".split()
REST = "rowsHash rowCount positionsBefore positionsAfter token validAfter deadline decision supersedes".split()
INTENT = (
    "Intent(bytes32 network,uint256 chainId,address settler,bytes32 agreement,bytes32 termsHash,bytes32 obligation,"
    "uint64 begin,uint64 end,Entry[] entries,bytes32 rowsHash,uint32 rowCount,bytes32 positionsBefore,"
    "bytes32 positionsAfter,address token,uint64 validAfter,uint64 deadline,bytes32 decision,bytes32 supersedes)"
)
ENTRY = "Entry(address from,address to,uint256 amount)"


def read_intent(leaf):
    words = [leaf[i : i + 32] for i in range(1, len(leaf), 32)]
    need(int.from_bytes(words[0], "big") == 32 and int.from_bytes(words[9], "big") == 576, "an intent is not in form")
    intent = dict(zip(WORDS, words[1:9])) | dict(zip(REST, words[10:19]))
    count = int.from_bytes(words[19], "big")
    need(len(words) == 20 + 3 * count, "an intent is not in form")
    intent["entries"] = [words[20 + 3 * i : 23 + 3 * i] for i in range(count)]
    return intent


def intent_digest(network, intent):
    types = keccak256((INTENT + ENTRY).encode())
    entries = b"".join(keccak256(keccak256(ENTRY.encode()) + b"".join(entry)) for entry in intent["entries"])
    body = b"".join(intent[name] for name in WORDS) + keccak256(entries) + b"".join(intent[name] for name in REST)
    return typed_digest(network, "0x" + intent["settler"][12:].hex(), keccak256(types + body))


def obligation_id(obligation):
    place = {"about": obligation["about"]} if "about" in obligation else {n: obligation[n] for n in ("fromMs", "toMs")}
    correction = {n: obligation[n] for n in ("base", "revision")} if "base" in obligation else {}
    return sha256(canonical({"trigger": obligation["trigger"]} | place | correction))


def ordered_together(file, decision, intent):
    """The decisions that an intent pays: its own, or, in place of an order that was not paid, those it corrects with it."""
    base = decision["obligation"].get("base", obligation_id(decision["obligation"]))
    found = []
    for sealed in reversed(file.of(DECISION)):
        one = cbor2.loads(sealed["payload"])
        if base not in (one["obligation"].get("base"), obligation_id(one["obligation"])):
            continue
        if found:
            need(found[-1].get("supersedes") == sha256(sealed["payload"]), "a decision corrects another one")
        found.append(one)
        if obligation_id(one["obligation"]) == intent["obligation"]:
            replaces = intent["supersedes"] != bytes(32)
            need(len(found) > 1 or not replaces, "it takes the place of an order, and its decision of no other")
            return found
    raise Wrong("the intent's obligation is not that of the decision")


def entries_of(policy, together):
    """Between each two accounts what is left of all that the decisions order, ascending."""
    accounts = {each["role"]: each["address"] for each in policy["parties"]} | {"escrow": "0x" + "00" * 20}
    sums = {}
    for one in together:
        for effect in one["effects"] if one["outcome"] == "pay" else ():
            if effect["tag"] == "entry":
                pair = tuple(bytes(12) + bytes.fromhex(accounts[effect[side]][2:]) for side in ("from", "to"))
                sums[pair] = sums.get(pair, 0) + effect["amount"]
    if len(together) > 1:
        sums = {pair: amount - sums.get(pair[::-1], 0) for pair, amount in sums.items()}
    return [[*pair, amount.to_bytes(32, "big")] for pair, amount in sorted(sums.items()) if amount > 0]


def check_payment(file, decision, decision_id, policy):
    network = file.network
    ((origin, index, leaf),) = file.intents
    intent = read_intent(leaf)
    digest = intent_digest(network, intent)
    need(digest == file.evidence["about"]["id"], "the intent is not the one the file is about")
    obligation = decision["obligation"]
    together = ordered_together(file, decision, intent)
    expected = {
        "network": sha256(network["id"].encode()),
        "chainId": network["chain"]["id"].to_bytes(32, "big"),
        "settler": bytes(12) + bytes.fromhex(policy["money"]["contract"][2:]),
        "agreement": decision["agreement"],
        "termsHash": decision["policy"],
        "begin": (obligation["fromMs"] // 1000).to_bytes(32, "big"),
        "end": (-(-obligation["toMs"] // 1000)).to_bytes(32, "big"),
        "token": bytes(12) + bytes.fromhex(policy["money"]["token"][2:]),
        "decision": decision_id,
    }
    for name, value in expected.items():
        need(intent[name] == value, f"the intent's {name} is not that of the decision")
    ordered = entries_of(policy, together)
    need(decision["outcome"] == "pay" and intent["entries"] == ordered, "the intent's entries are not the decisions'")
    known = [each["address"] for each in policy["deciders"]["list"]]
    signers = {signer_of(digest, signature) for signature in file.evidence["signatures"]}
    need(signers <= set(known) and len(signers) >= policy["deciders"]["quorum"], "not enough deciders signed")
    block, anchor_hash = check_anchor(file, origin, index)
    logs, number, block_hash = receipt_logs(file.evidence["settlement"]["receipt"])
    topic = keccak256(b"Settled(bytes32,bytes32,bytes32,bytes32)")
    wanted = [topic, intent["agreement"], intent["obligation"], digest]
    settler = bytes.fromhex(policy["money"]["contract"][2:])
    need(any(log[0] == settler and log[1] == wanted for log in logs), "the transaction did not pay this intent")
    need(number >= block, "it was paid before it was anchored")
    said = [(one["issuer"], cbor2.loads(one["payload"])) for one in file.of(SETTLEMENT)]
    vouched = {
        issuer
        for issuer, word in said
        if (word["intent"], word["block"]["hash"], word["anchorBlock"]["hash"]) == (digest, block_hash, anchor_hash)
    }
    need(len(vouched) >= network["quorum"], "too few members vouch for the block")
    return sum(int.from_bytes(amount, "big") for _, _, amount in ordered), intent["supersedes"].hex()


def check_anchor(file, origin, index):
    anchor = file.evidence["anchor"]
    need(index < anchor["size"], "the intent is not in the anchored tree")
    check_consistency(anchor["size"], anchor["root"], *file.sizes[origin], anchor["consistency"])
    logs, number, block_hash = receipt_logs(anchor["receipt"])
    topic = keccak256(b"Anchored(bytes32,string,uint64,bytes32)")
    contract = bytes.fromhex(file.network["chain"]["checkpoints"][2:])
    name = origin.encode()
    data = (96).to_bytes(32, "big") + anchor["size"].to_bytes(32, "big") + anchor["root"]
    data += len(name).to_bytes(32, "big") + name + bytes(-len(name) % 32)
    wanted = [contract, [topic, keccak256(name)], data]
    need(any(log == wanted for log in logs), "the contract did not log this anchor")
    return number, block_hash


def check_consistency(first, first_root, second, second_root, path):
    """RFC 9162, section 2.1.4.2."""
    if first == second:
        need(not path and first_root == second_root, "the anchored tree is not the checkpoint's")
        return
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    need(path, "a proof of consistency with too few hashes")
    before = after = path[0]
    for sibling in path[1:]:
        need(last != 0, "a proof of consistency with hashes left over")
        if node & 1 or node == last:
            before, after = sha256(b"\1" + sibling + before), sha256(b"\1" + sibling + after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = sha256(b"\1" + after + sibling)
        node, last = node >> 1, last >> 1
    need((before, after, last) == (first_root, second_root, 0), "the anchored tree is no beginning of the checkpoint's")


def verify(path, network_path):
    with open(network_path, "rb") as given:
        network = json.load(given)
    with open(path, "rb") as given:
        file = File(given.read(), network)
    check_network(file, network)
    about = file.evidence["about"]["kind"]
    report = {"about": about, "statements": len(file.statements)}
    if about == "reading":
        need(any(one["id"] == file.evidence["about"]["id"] for one in file.statements), "the reading is not in the file")
        return report
    sealed, decision, decision_id = check_decision(file)
    policy, signed = check_terms(file, sealed, decision)
    report |= {"verdict": decision["verdict"], "outcome": decision["outcome"], "signed": signed}
    if about == "payment":
        report["paid"], report["instead"] = check_payment(file, decision, decision_id, policy)
    return report


if __name__ == "__main__":
    try:
        print(json.dumps(verify(*sys.argv[2:])))
    except Wrong as wrong:
        sys.exit(f"stranger: {wrong}")
