"""An outsider: a device and an auditor written from docs/reference alone, sharing no line with this project.

    outsider.py key FILE                          makes a key, prints its did:key
    outsider.py device FILE URL SUBJECT VALUE...  signs a sealed pack for each value and sends them in one message
    outsider.py audit URL                         checks the whole log from its public files

Needs Debian's python3-cbor2 and python3-cryptography. Prints one JSON object; exits with 1 and a sentence otherwise.
"""
import base64
import hashlib
import io
import json
import os
import struct
import sys
import time
import urllib.request

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
EDDSA, ESP256 = -19, -9
SHA_256 = -16
SENML_CBOR = 112


class Wrong(Exception):
    """What does not hold, as a sentence."""


def sha256(data):
    return hashlib.sha256(data).digest()


def canonical(value):
    return cbor2.dumps(value, canonical=True)


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text):
    number = 0
    for digit in text:
        number = number * 58 + ALPHABET.index(digit)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def did_key(public):
    return "did:key:z" + base58(b"\xed\x01" + public)


def thumbprint(algorithm, public):
    """RFC 9679: SHA-256 over the deterministic COSE key with its required members alone."""
    if algorithm == EDDSA:
        return sha256(canonical({1: 1, -1: 6, -2: public}))
    numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public).public_numbers()
    x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
    return sha256(canonical({1: 2, -1: 1, -2: x, -3: y}))


def sig_structure(protected, payload):
    return canonical(["Signature1", protected, b"", payload])


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


# A device


def load_key(path):
    with open(path, "rb") as file:
        return ed25519.Ed25519PrivateKey.from_private_bytes(file.read())


def raw_public(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def sealed_pack(key, network, subject, seq, prev, value):
    public = raw_public(key)
    body = canonical([{0: "temperature", 1: "Cel", 2: value, 6: round(time.time(), 3)}])
    disclosure = canonical([os.urandom(16), body])
    payload = sha256(disclosure)
    trine = {1: 1, 2: 1, 3: 0, 4: seq, 6: 0, 7: 2}
    if prev:
        trine[5] = prev
    protected = canonical(
        {
            1: EDDSA,
            2: [-65537],
            4: thumbprint(EDDSA, public)[:8],
            15: {1: did_key(public), 2: subject, 3: network},
            258: SHA_256,
            259: SENML_CBOR,
            -65537: trine,
        }
    )
    structure = sig_structure(protected, payload)
    statement = cbor2.CBORTag(18, [protected, {}, payload, key.sign(structure)])
    return canonical([canonical(statement), disclosure]), sha256(structure)


def device(path, url, subject, values):
    key = load_key(path)
    network = json.loads(get(url + "/network.json"))["id"]
    message, ids, prev = b"", [], None
    for seq, value in enumerate(values):
        delivery, prev = sealed_pack(key, network, subject, seq, prev, float(value))
        message += delivery
        ids.append(prev)
    gateway = json.loads(get(url + "/gateway.json"))["key"]
    first, again = (check_acknowledgement(post(url, message), gateway) for _ in range(2))
    for answers in (first, again):
        if [entry["id"] for entry in answers] != ids:
            raise Wrong("the acknowledgement answers other statements")
    return {
        "ids": [each.hex() for each in ids],
        "verdicts": [entry["verdict"] for entry in first],
        "again": [entry["verdict"] for entry in again],
    }


def post(url, message):
    headers = {"content-type": "application/cbor-seq"}
    request = urllib.request.Request(url + "/api/v1/statements", data=message, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return cbor2.loads(answer.read())


def check_acknowledgement(given, gateway):
    signed = check_statement(given["signed"])
    if signed["kind"] != 8 or signed["issuer"] != gateway:
        raise Wrong("the acknowledgement is not signed by the gateway")
    root = inclusion_root(sha256(b"\0" + given["answers"]), given["position"], given["count"], given["path"])
    if root != signed["payload"]:
        raise Wrong("the answers are not what was signed")
    return cbor2.loads(given["answers"])


def inclusion_root(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise Wrong("an index beyond the tree")
    node, last = index, size - 1
    for sibling in path:
        if last == 0:
            raise Wrong("a path with a hash too many")
        if node & 1 or node == last:
            leaf = sha256(b"\1" + sibling + leaf)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            leaf = sha256(b"\1" + leaf + sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise Wrong("a path with a hash too few")
    return leaf


# An auditor


def check_statement(encoded):
    if canonical(cbor2.loads(encoded)) != encoded:
        raise Wrong("a statement is not in deterministic CBOR")
    tagged = cbor2.loads(encoded)
    if tagged.tag != 18:
        raise Wrong("a statement is no COSE_Sign1")
    protected, unprotected, payload, signature = tagged.value
    head = cbor2.loads(protected)
    if canonical(head) != protected or unprotected:
        raise Wrong("a protected header is not deterministic, or the unprotected one not empty")
    claims = head[15]
    multikey = unbase58(claims[1].removeprefix("did:key:z"))
    structure = sig_structure(protected, payload)
    public = multikey[2:]
    if head[4] != thumbprint(head[1], public)[:8]:
        raise Wrong("a key id is not the thumbprint of the key")
    try:
        if head[1] == EDDSA and multikey[:2] == b"\xed\x01":
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, structure)
        elif head[1] == ESP256 and multikey[:2] == b"\x80\x24":
            der = utils.encode_dss_signature(
                int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            )
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            key.verify(der, structure, ec.ECDSA(hashes.SHA256()))
        else:
            raise Wrong("an algorithm that is not that of the key")
    except InvalidSignature:
        raise Wrong("a signature of " + claims[1] + " does not hold") from None
    return {
        "id": sha256(structure),
        "kind": head[-65537][2],
        "issuer": claims[1],
        "subject": claims[2],
        "payload": payload,
    }


def tree_root(leaves):
    """RFC 6962, section 2.1, from the leaf hashes."""
    if not leaves:
        return sha256(b"")
    stack = []
    for index, leaf in enumerate(leaves):
        stack.append(leaf)
        while index & 1:
            right, left = stack.pop(), stack.pop()
            stack.append(sha256(b"\1" + left + right))
            index >>= 1
    while len(stack) > 1:
        right, left = stack.pop(), stack.pop()
        stack.append(sha256(b"\1" + left + right))
    return stack[0]


def check_checkpoint(note, vkey):
    name, _, encoded = vkey.split("+", 2)
    public = base64.b64decode(encoded)[1:]
    text, signatures = note.split("\n\n", 1)
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    if origin != name:
        raise Wrong("the checkpoint is of another log")
    own = [line.split(" ")[2] for line in signatures.splitlines() if line.split(" ")[1] == name]
    if not own:
        raise Wrong("the checkpoint has no signature of the log")
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(own[0])[4:], text.encode())
    except InvalidSignature:
        raise Wrong("the log's signature does not hold") from None
    return int(size), base64.b64decode(root)


def path_of(index):
    groups = f"{index:03d}"
    groups = groups.zfill((len(groups) + 2) // 3 * 3)
    parts = [groups[i : i + 3] for i in range(0, len(groups), 3)]
    return "/".join(["x" + part for part in parts[:-1]] + parts[-1:])


def entries(url, size):
    for bundle in range((size + 255) // 256):
        width = min(256, size - 256 * bundle)
        address = url + "/log/tile/entries/" + path_of(bundle) + ("" if width == 256 else f".p/{width}")
        stream = io.BytesIO(get(address))
        for _ in range(width):
            (length,) = struct.unpack(">H", stream.read(2))
            yield stream.read(length)


def audit(url):
    network = json.loads(get(url + "/network.json"))
    size, root = check_checkpoint(get(url + "/log/checkpoint").decode(), network["members"][0]["logs"][0]["vkey"])
    hashes_, kinds, ids, arrival = [], {}, [], 0
    for leaf in entries(url, size):
        hashes_.append(sha256(b"\0" + leaf))
        if leaf[0] != 1:
            continue
        (now,) = struct.unpack(">Q", leaf[1:9])
        if now < arrival:
            raise Wrong("an arrival goes back")
        arrival = now
        found = check_statement(leaf[9:])
        kinds[found["kind"]] = kinds.get(found["kind"], 0) + 1
        ids.append(found["id"].hex())
    if tree_root(hashes_) != root:
        raise Wrong("the leaves do not give the root that was signed")
    return {"size": size, "kinds": kinds, "ids": ids}


def main(command, *given):
    if command == "key":
        key = ed25519.Ed25519PrivateKey.generate()
        secret = key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        with open(given[0], "wb") as file:
            file.write(secret)
        return {"key": did_key(raw_public(key))}
    if command == "device":
        return device(given[0], given[1], given[2], given[3:])
    return audit(given[0])


if __name__ == "__main__":
    try:
        print(json.dumps(main(*sys.argv[1:])))
    except Wrong as wrong:
        sys.exit(f"outsider: {wrong}")
