import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTexts, wrongField } from './propose-form.ts';

const asked = { ...startTexts(true), most: '0.50', total: '100' };

test('lines that are paid in batches need an hour to object, which is said before anything is proposed', () => {
  assert.equal(wrongField(asked, 'EUR', true), undefined);
  const joining = { ...asked, joining: 'did:key:z6Mk' };
  assert.match(
    wrongField({ ...joining, disputeWindow: '59 min' }, 'EUR', true) ?? '',
    /“Time to object” takes at least 1 h/,
  );
  assert.equal(wrongField({ ...joining, disputeWindow: '1 h' }, 'EUR', true), undefined);
});
