/**
 * The random choices that an object makes, by name. Each number is mixed with the seed and the index of the object
 * (`Row.hash`), so that two choices with one number go the same way and those with different numbers are independent.
 * The numbers never change, because then all data would. A new choice takes a number that no other has.
 */
export const SALT = {
  /** Several kinds. */
  shared: {
    name: 2, // what a person or a shop is called; also takes the next number
    customer: 4, // which customer an object belongs to
    paymentMethod: 5, // which payment method an object uses
    description: 36, // whether there is a description
    metadata: 37, // what the metadata are; also takes the next number
    clientSecret: 52, // the secret that a browser would use
    address: 60, // which address, or none
    taxRate: 250, // which tax rate applies
  },
  /** A payment, on which its intent and charges agree. */
  payment: {
    currency: 1, // in which currency it is made
    isAnonymous: 3, // whether it belongs to no customer
    email: 6, // whether an email address was given
    isHuge: 7, // whether the amount is beyond 32 bits
    amount: 8, // how much is paid
  },
  /** A card, also that of a charge. */
  card: {
    brand: 30, // whose card it is
    expMonth: 31, // the month in which it expires
    expYear: 32, // the year in which it expires
    last4: 33, // its last four digits
  },
  /** charges. */
  charge: {
    isFullyRefunded: 20, // whether its refunds are all of it
    networkTransaction: 34, // the number that the network gave it
    riskScore: 35, // how risky Radar finds it
    receipt: 38, // the token in the URL of its receipt
    hasTransferGroup: 39, // whether it belongs to a transfer group
    transferGroup: 40, // which transfer group it belongs to
    variant: 41, // whether it is paid by card, by direct debit or in an old way
  },
  /** payment_intents and setup_intents. */
  intent: {
    openStatus: 50, // the status while nothing is paid
    automaticMethods: 51, // whether payment methods are chosen automatically
    futureUsage: 53, // whether the payment method is kept for later
    setupStatus: 54, // the status of a setup intent
  },
  /** refunds. */
  refund: {
    reason: 55, // why money is given back
    status: 56, // how far it has come
  },
  /** payment_methods. */
  method: {
    email: 61, // whether an email address was given
    isDetached: 62, // whether it belongs to no customer
  },
  /** accounts. */
  account: {
    mcc: 70, // what the shop sells, as a merchant category
    productDescription: 71, // whether the shop says what it sells
    url: 72, // the address of its website
    businessType: 73, // whether it is a company or a person
    country: 74, // where it is
    hasEmail: 75, // whether there is an email address
    email: 76, // the email address
  },
  /** prices and plans. */
  price: {
    amount: 80, // what one unit costs
    product: 81, // which product it is for
    interval: 82, // how often it is charged
    lookupKey: 83, // whether it has a lookup key
    nickname: 84, // whether it has a nickname
  },
  /** products. */
  product: {
    defaultPrice: 90, // which price is the default
    description: 91, // whether there is a description
    hasImage: 92, // whether there is an image
    image: 93, // the address of the image
    name: 94, // what it is called
    dimensions: 95, // whether its package is measured
    shippable: 96, // whether it can be shipped
    type: 97, // whether it is a service or a good
    unitLabel: 98, // whether its units have a name
  },
  /** coupons. */
  coupon: {
    amountOff: 100, // how much it takes off
    duration: 101, // for how long it takes something off
    maxRedemptions: 102, // whether it can be used only so often
    name: 103, // whether it has a name
    percentOff: 104, // which share it takes off
    redeemBy: 105, // whether it ends some day
    timesRedeemed: 106, // how often it was used
    product: 107, // which product it applies to
  },
  /** promotion_codes. */
  promotionCode: {
    code: 110, // the code itself
    hasCustomer: 111, // whether it is for one customer only
    expires: 112, // whether it ends some day
    timesRedeemed: 113, // how often it was used
  },
  /** tax_rates and shipping_rates. */
  rate: {
    percentage: 120, // how high a tax is
    shipping: 130, // what shipping costs
  },
  /** customers. */
  customer: {
    hasBalance: 140, // whether the customer has credit
    balance: 141, // how much credit
    currency: 142, // in which currency the customer pays
    delinquent: 143, // whether an invoice is overdue
    description: 144, // whether there is a description
    email: 145, // whether there is an email address
    invoicePrefix: 146, // what the numbers of the invoices start with
    hasDefaultMethod: 147, // whether there is a default payment method
    defaultMethod: 148, // which payment method is the default
    isNameless: 149, // whether there is no name
    nextInvoice: 150, // the number of the next invoice
    phone: 151, // whether there is a phone number
    locales: 152, // which languages are preferred
    coupon: 153, // which coupon the discount comes from
    shippingName: 154, // who gets the goods; also takes the next number
  },
  /** Amounts that no charge decides. */
  amount: {
    fee: 160, // a fee of Stripe
    payout: 170, // a manual payout
    dispute: 180, // a dispute without a charge
    transfer: 181, // a transfer
    topUp: 182, // a top-up
  },
  /** disputes. */
  dispute: {
    email: 190, // whether the evidence has an email address
    productDescription: 191, // whether the evidence says what was sold
    reason: 192, // why the customer objects
    status: 193, // how far it has come
  },
  /** payouts. */
  payout: {
    trace: 200, // the number by which a bank can trace it
  },
  /** transfers. */
  transfer: {
    description: 210, // whether there is a description
    destination: 211, // which account gets the money
    hasGroup: 212, // whether it belongs to a transfer group
    group: 213, // which transfer group it belongs to
  },
  /** top_ups. */
  topUp: {
    status: 214, // whether the money has arrived
  },
  /** subscriptions and their items. */
  subscription: {
    firstPrice: 220, // which price its first item has
    quantity: 221, // how many of an item; the number of the item is added
    itemMetadata: 230, // what the metadata of an item are; the number of the item is added
    cancelsAtEnd: 240, // whether it ends with its period
    comment: 241, // whether a comment says why it was canceled
    defaultMethod: 242, // which payment method is the default
    description: 243, // whether there is a description
  },
  /** Lines of invoices. */
  invoiceLine: {
    price: 251, // which price a line of a manual invoice has
    quantity: 252, // how many of it; the number of the line is added
    item: 253, // which invoice item it comes from, where the invoice has none of its own
    metadata: 260, // what the metadata are; the number of the line is added
  },
  /** invoices. */
  invoice: {
    hasEmail: 270, // whether there is an email address
    email: 271, // the email address
    footer: 272, // whether there is a footer
    shippingRate: 273, // which shipping rate applies
  },
  /** invoiceitems. */
  invoiceItem: {
    price: 280, // which price it has
    quantity: 281, // how many of it
    description: 282, // whether there is a description
  },
  /** invoice_payments. */
  invoicePayment: {
    amount: 283, // how much is paid where there is no invoice
  },
  /** credit_notes. */
  creditNote: {
    memo: 290, // whether there is a memo
    reason: 291, // why money is given back
  },
  /** files. */
  file: {
    expires: 300, // whether it is deleted some day
    filename: 301, // what it is called
    purpose: 302, // what it is for
    size: 303, // how many bytes it has
    title: 304, // whether it has a title
    type: 305, // in which format it is
  },
  /** webhook_endpoints. */
  webhook: {
    apiVersion: 310, // which version its events have
    description: 311, // whether there is a description
  },
  /** events. */
  event: {
    request: 320, // the id of the request that caused it
  },
  /** Parents of objects that are added later, when all the others have been dealt out. */
  late: {
    parent: 901, // which parent it gets
    charge: 902, // which charge a refund or a dispute gets
  },
} as const;
