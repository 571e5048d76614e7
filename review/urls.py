"""The addresses of the desk and of the shop."""

from django.urls import path

from review.views import (
    bulk,
    comments,
    dashboard,
    drafts,
    notifications,
    publications,
    queue,
    queue_views,
    shop,
    tour,
)

app_name = "review"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("rows/", queue.queue_rows, name="queue-rows"),
    path("counts/", queue.queue_counts, name="queue-counts"),
    path("filters/", queue.queue_filters, name="queue-filters"),
    path("ahead/", queue.draft_ahead, name="draft-ahead"),
    path("drafts/<int:pk>/", drafts.draft_detail, name="draft-detail"),
    path("drafts/<int:pk>/approve/", drafts.draft_approve, name="draft-approve"),
    path("drafts/<int:pk>/edit/", drafts.draft_edit, name="draft-edit"),
    path("drafts/<int:pk>/diff/", drafts.draft_diff, name="draft-diff"),
    path("drafts/<int:pk>/compare/", drafts.draft_compare, name="draft-compare"),
    path("drafts/<int:pk>/preview/", drafts.draft_preview, name="draft-preview"),
    path("drafts/<int:pk>/reject/", drafts.draft_reject, name="draft-reject"),
    path("drafts/<int:pk>/defer/", drafts.draft_defer, name="draft-defer"),
    path("drafts/<int:pk>/bring-back/", drafts.draft_bring_back, name="draft-bring-back"),
    path("drafts/<int:pk>/claim/", drafts.draft_claim, name="draft-claim"),
    path("drafts/release/", drafts.drafts_release, name="drafts-release"),
    path("drafts/<int:pk>/take-over/", drafts.draft_take_over, name="draft-take-over"),
    path("bulk/", bulk.bulk_preview, name="bulk-preview"),
    path("bulk/decide/", bulk.bulk_decide, name="bulk-decide"),
    path("bulk/undo/", bulk.bulk_undo, name="bulk-undo"),
    path("batches/<int:pk>/", bulk.batch_detail, name="batch-detail"),
    path("batches/<int:pk>/settle/", bulk.batch_settle, name="batch-settle"),
    path("views/", queue_views.view_save, name="view-save"),
    path("views/<int:pk>/delete/", queue_views.view_delete, name="view-delete"),
    path("drafts/<int:pk>/comments/", comments.draft_comments, name="draft-comments"),
    path("comments/<int:pk>/resolve/", comments.comment_resolve, name="comment-resolve"),
    path("comments/<int:pk>/remove/", comments.comment_remove, name="comment-remove"),
    path("names/", comments.names, name="names"),
    path("notifications/", notifications.notification_list, name="notification-list"),
    path("notifications/bell/", notifications.bell, name="notification-bell"),
    path("notifications/read/", notifications.notification_read_all, name="notification-read-all"),
    path("notifications/<int:pk>/read/", notifications.notification_read, name="notification-read"),
    path("notifications/<int:pk>/open/", notifications.notification_open, name="notification-open"),
    path("preferences/", notifications.preferences, name="preferences"),
    path("help/", tour.desk_help, name="help"),
    path("tour/", tour.tour, name="tour"),
    path("undo/", drafts.decision_undo, name="decision-undo"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/download/", dashboard.dashboard_download, name="dashboard-download"),
    path("publications/", publications.publication_list, name="publication-list"),
    path(
        "publications/<int:pk>/withdraw/",
        publications.publication_withdraw,
        name="publication-withdraw",
    ),
    path(
        "publications/<int:pk>/schedule/",
        publications.publication_schedule,
        name="publication-schedule",
    ),
    path(
        "publications/<int:pk>/revert/", publications.publication_revert, name="publication-revert"
    ),
    path(
        "publications/<int:pk>/republish/",
        publications.publication_republish,
        name="publication-republish",
    ),
]
shop_urlpatterns = [
    path("<str:language>/", shop.shelf, name="shelf"),
    path("<str:language>/<str:sku>/", shop.product, name="product"),
]
