/** The registration whose key signed certificate `c`; none for one whose issuer the index never saw. */
export const SIGNER = `
  left join certificate ic on ic.id = c.issuer_certificate_id
  left join registration ig on ig.id = ic.registration_id`
export const IS_SIGNER_GONE = `(c.issuer_id is not null and (ig.id is null or ig.block_to is not null))`
