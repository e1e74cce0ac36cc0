// Signs what became of statements: one signature for all messages that became durable together.
import {
  type Answer,
  contentTypeOf,
  encodeAcknowledgement,
  inclusionProof,
  leafHash,
  memoryTree,
  type Signer,
  signStatement,
  treeRoot,
} from '@trine/protocol';
import { writeAnswers } from './answer-writer.ts';

/** Answers to the statements of one message, in their order. */
export type MessageAnswers = readonly Answer[];

export interface Acknowledger {
  /** @returns one acknowledgement for each message, to be sent to its sender alone */
  sign(messages: readonly MessageAnswers[]): Promise<Uint8Array[]>;
}

/**
 * @param signer the gateway's key
 * @param options network id, subject of the gateway, and its clock
 */
export function createAcknowledger(
  signer: Signer,
  options: { network: string; subject: string; now: () => number },
): Acknowledger {
  let seq = 0;
  // Acknowledgements are not logged: their chain says nothing and starts anew, told apart by the time of its start.
  const epoch = options.now();
  let previous: Uint8Array | undefined;
  return {
    async sign(messages) {
      const answers = messages.map(writeAnswers);
      const tree = memoryTree(answers.map(leafHash));
      const statement = await signStatement(signer, {
        kind: 'acknowledgement',
        subject: options.subject,
        network: options.network,
        epoch,
        seq,
        ...(previous && { prev: previous }),
        clock: 'synchronised',
        class: 'software',
        contentType: contentTypeOf('acknowledgement'),
        payload: treeRoot(answers.length, tree),
      });
      seq++;
      previous = statement.id;
      return answers.map((encoded, position) =>
        encodeAcknowledgement({
          answers: encoded,
          position,
          count: answers.length,
          path: inclusionProof(position, answers.length, tree),
          signed: statement.bytes,
        }),
      );
    },
  };
}
