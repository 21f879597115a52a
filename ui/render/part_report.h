/* What machines say about letters, in a person's words. */
#ifndef UI_RENDER_PART_REPORT_H
#define UI_RENDER_PART_REPORT_H

struct mime_part;
struct part_work;

void part_report_render(struct part_work *work, struct mime_part *part);   /* message/delivery-status */
void part_receipt_render(struct part_work *work, struct mime_part *part);  /* message/disposition-notification */
void part_feedback_render(struct part_work *work, struct mime_part *part); /* message/feedback-report */
void part_headers_render(struct part_work *work, struct mime_part *part);  /* text/rfc822-headers */
void part_fragment_render(struct part_work *work, struct mime_part *part); /* message/partial */
void part_external_render(struct part_work *work, struct mime_part *part); /* message/external-body */

#endif
