import datetime
import django.core.validators
import django.db.models.deletion
import inventory.models.fields
import simple_history.models
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('inventory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(max_length=64, unique=True, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed])),
                ('name', models.CharField(blank=True, default='', max_length=200, validators=[inventory.models.fields.plain_text])),
                ('priority', models.PositiveIntegerField(default=3)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='customer_code_not_blank', violation_error_message='code must not be empty.'), models.CheckConstraint(condition=models.Q(('priority__gt', 0), ('priority__lte', 100000)), name='customer_priority_positive', violation_error_message='priority: a number above 0, up to 100000, is expected.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCustomer',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('code', models.CharField(db_index=True, max_length=64, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed])),
                ('name', models.CharField(blank=True, default='', max_length=200, validators=[inventory.models.fields.plain_text])),
                ('priority', models.PositiveIntegerField(default=3)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical customer',
                'verbose_name_plural': 'historical customers',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalSalesOrder',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('ref', models.CharField(db_index=True, max_length=64, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed], verbose_name='number')),
                ('customer_reference', models.CharField(blank=True, max_length=200, null=True, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed])),
                ('kind', models.CharField(choices=[('sale', 'Sale'), ('lease', 'Lease')], default='sale', max_length=8)),
                ('order_date', models.DateField(validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('status', models.CharField(choices=[('quote', 'Quote'), ('confirmed', 'Confirmed'), ('on_hold', 'On hold'), ('cancelled', 'Cancelled'), ('shipped', 'Shipped')], default='quote', max_length=10)),
                ('status_reason', models.TextField(blank=True, default='', validators=[inventory.models.fields.plain_text])),
                ('delivery_policy', models.CharField(choices=[('independent', 'Each line on its own'), ('all_together', 'All together')], default='independent', max_length=12)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(blank=True, db_index=True, editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='orders.customer')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical sales order',
                'verbose_name_plural': 'historical sales orders',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='SalesOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('ref', models.CharField(max_length=64, unique=True, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed], verbose_name='number')),
                ('customer_reference', models.CharField(blank=True, max_length=200, null=True, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed])),
                ('kind', models.CharField(choices=[('sale', 'Sale'), ('lease', 'Lease')], default='sale', max_length=8)),
                ('order_date', models.DateField(validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('status', models.CharField(choices=[('quote', 'Quote'), ('confirmed', 'Confirmed'), ('on_hold', 'On hold'), ('cancelled', 'Cancelled'), ('shipped', 'Shipped')], default='quote', max_length=10)),
                ('status_reason', models.TextField(blank=True, default='', validators=[inventory.models.fields.plain_text])),
                ('delivery_policy', models.CharField(choices=[('independent', 'Each line on its own'), ('all_together', 'All together')], default='independent', max_length=12)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(auto_now=True, db_index=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sales_orders', to='orders.customer')),
            ],
            options={
                'verbose_name': 'sales order',
                'indexes': [models.Index(fields=['status', 'order_date'], name='sales_order_status_date')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ref', ''), _negated=True), name='sales_order_ref_not_blank', violation_error_message='ref must not be empty.'), models.UniqueConstraint(fields=('customer', 'customer_reference'), name='sales_order_customer_reference_once'), models.CheckConstraint(condition=models.Q(('customer_reference__isnull', True), models.Q(('customer_reference', ''), _negated=True), _connector='OR'), name='sales_order_customer_reference_not_blank'), models.CheckConstraint(condition=models.Q(('kind__in', ['sale', 'lease'])), name='sales_order_kind_known', violation_error_message='kind: one of sale, lease is expected.'), models.CheckConstraint(condition=models.Q(('status__in', ['quote', 'confirmed', 'on_hold', 'cancelled', 'shipped'])), name='sales_order_status_known', violation_error_message='status: one of quote, confirmed, on_hold, cancelled, shipped is expected.'), models.CheckConstraint(condition=models.Q(('delivery_policy__in', ['independent', 'all_together'])), name='sales_order_delivery_policy_known', violation_error_message='delivery_policy: one of independent, all_together is expected.'), models.CheckConstraint(condition=models.Q(('order_date__gte', datetime.date(1970, 1, 1)), ('order_date__lte', datetime.date(2099, 12, 31))), name='sales_order_order_date_in_calendar', violation_error_message='order_date: a date from 1970-01-01 to 2099-12-31 is expected.'), models.CheckConstraint(condition=models.Q(('status__in', ['quote', 'cancelled']), ('confirmed_at__isnull', False), _connector='OR'), name='sales_order_confirmed_has_moment'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'quote'), _negated=True), ('confirmed_at__isnull', True), _connector='OR'), name='sales_order_quote_not_confirmed'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('status', 'cancelled')), models.Q(models.Q(('status', 'cancelled'), _negated=True), ('cancelled_at__isnull', True)), _connector='OR'), name='sales_order_cancelled_has_moment')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalOrderLine',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('line', models.PositiveIntegerField()),
                ('qty', models.DecimalField(decimal_places=6, max_digits=18)),
                ('unit_price', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('priority', models.PositiveIntegerField(blank=True, null=True)),
                ('late_cost_per_day', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('late_cost_fixed', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('lease_months', models.PositiveIntegerField(blank=True, null=True)),
                ('has_instalments', models.BooleanField(default=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='inventory.item')),
                ('order', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='orders.salesorder')),
            ],
            options={
                'verbose_name': 'historical order line',
                'verbose_name_plural': 'historical order lines',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('line', models.PositiveIntegerField()),
                ('qty', models.DecimalField(decimal_places=6, max_digits=18)),
                ('unit_price', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('priority', models.PositiveIntegerField(blank=True, null=True)),
                ('late_cost_per_day', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('late_cost_fixed', models.DecimalField(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('lease_months', models.PositiveIntegerField(blank=True, null=True)),
                ('has_instalments', models.BooleanField(default=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='inventory.item')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.salesorder')),
            ],
            options={
                'verbose_name': 'order line',
                'constraints': [models.CheckConstraint(condition=models.Q(('line__gt', 0), ('line__lte', 1000000000)), name='order_line_line_positive', violation_error_message='line: a number above 0, up to 1000000000, is expected.'), models.CheckConstraint(condition=models.Q(('qty__gt', 0), ('qty__lte', 1000000000)), name='order_line_qty_positive', violation_error_message='qty: a number above 0, up to 1000000000, is expected.'), models.CheckConstraint(condition=models.Q(('unit_price__gte', 0), ('unit_price__lte', 1000000000)), name='order_line_unit_price_not_negative', violation_error_message='unit_price: a number from 0 to 1000000000 is expected.'), models.CheckConstraint(condition=models.Q(('priority__gt', 0), ('priority__lte', 100000)), name='order_line_priority_positive', violation_error_message='priority: a number above 0, up to 100000, is expected.'), models.CheckConstraint(condition=models.Q(('late_cost_per_day__gte', 0), ('late_cost_per_day__lte', 1000000000)), name='order_line_late_cost_per_day_not_negative', violation_error_message='late_cost_per_day: a number from 0 to 1000000000 is expected.'), models.CheckConstraint(condition=models.Q(('late_cost_fixed__gte', 0), ('late_cost_fixed__lte', 1000000000)), name='order_line_late_cost_fixed_not_negative', violation_error_message='late_cost_fixed: a number from 0 to 1000000000 is expected.'), models.CheckConstraint(condition=models.Q(('lease_months__gte', 0), ('lease_months__lte', 100000)), name='order_line_lease_months_not_negative', violation_error_message='lease_months: a number from 0 to 100000 is expected.'), models.UniqueConstraint(fields=('order', 'line'), name='order_line_number_once')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalInstalment',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('instalment', models.PositiveIntegerField(default=1)),
                ('qty', models.DecimalField(decimal_places=6, max_digits=18)),
                ('due', models.DateField(validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))], verbose_name='requested')),
                ('promised', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('promised_in_version', models.PositiveBigIntegerField(blank=True, null=True)),
                ('shipped_qty', models.DecimalField(decimal_places=6, default=Decimal('0'), max_digits=18)),
                ('shipped_on', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order_line', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='orders.orderline')),
            ],
            options={
                'verbose_name': 'historical instalment',
                'verbose_name_plural': 'historical instalments',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('instalment', models.PositiveIntegerField(default=1)),
                ('qty', models.DecimalField(decimal_places=6, max_digits=18)),
                ('due', models.DateField(validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))], verbose_name='requested')),
                ('promised', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('promised_in_version', models.PositiveBigIntegerField(blank=True, null=True)),
                ('shipped_qty', models.DecimalField(decimal_places=6, default=Decimal('0'), max_digits=18)),
                ('shipped_on', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='instalments', to='orders.orderline')),
            ],
            options={
                'indexes': [models.Index(fields=['due'], name='instalment_due')],
                'constraints': [models.UniqueConstraint(fields=('order_line', 'instalment'), name='instalment_number_once'), models.CheckConstraint(condition=models.Q(('instalment__gt', 0), ('instalment__lte', 1000000)), name='instalment_instalment_positive', violation_error_message='instalment: a number above 0, up to 1000000, is expected.'), models.CheckConstraint(condition=models.Q(('qty__gt', 0), ('qty__lte', 1000000000)), name='instalment_qty_positive', violation_error_message='qty: a number above 0, up to 1000000000, is expected.'), models.CheckConstraint(condition=models.Q(('due__gte', datetime.date(1970, 1, 1)), ('due__lte', datetime.date(2099, 12, 31))), name='instalment_due_in_calendar', violation_error_message='due: a date from 1970-01-01 to 2099-12-31 is expected.'), models.CheckConstraint(condition=models.Q(('promised__gte', datetime.date(1970, 1, 1)), ('promised__lte', datetime.date(2099, 12, 31))), name='instalment_promised_in_calendar', violation_error_message='promised: a date from 1970-01-01 to 2099-12-31 is expected.'), models.CheckConstraint(condition=models.Q(('shipped_on__gte', datetime.date(1970, 1, 1)), ('shipped_on__lte', datetime.date(2099, 12, 31))), name='instalment_shipped_on_in_calendar', violation_error_message='shipped_on: a date from 1970-01-01 to 2099-12-31 is expected.'), models.CheckConstraint(condition=models.Q(('shipped_qty__gte', 0), ('shipped_qty__lte', 1000000000)), name='instalment_shipped_qty_not_negative', violation_error_message='shipped_qty: a number from 0 to 1000000000 is expected.'), models.CheckConstraint(condition=models.Q(('shipped_qty__lte', models.F('qty'))), name='instalment_not_over_shipped', violation_error_message='No more than the ordered quantity can be shipped.'), models.CheckConstraint(condition=models.Q(('shipped_on__isnull', True), ('shipped_qty__gt', 0), _connector='OR'), name='instalment_shipped_day_has_quantity'), models.CheckConstraint(condition=models.Q(('promised__isnull', True), ('promised_in_version__isnull', False), _connector='OR'), name='instalment_promise_names_its_plan')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryPromise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sales_order', models.CharField(max_length=64, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed])),
                ('line', models.PositiveIntegerField()),
                ('instalment', models.PositiveIntegerField()),
                ('item', models.CharField(max_length=64, validators=[inventory.models.fields.plain_text, inventory.models.fields.trimmed])),
                ('qty', models.DecimalField(decimal_places=6, max_digits=18)),
                ('requested', models.DateField(validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('promised', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('days_late', models.IntegerField(blank=True, null=True)),
                ('deliveries', models.JSONField(blank=True, default=list)),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('p50', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('p80', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('p95', models.DateField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(datetime.date(1970, 1, 1)), django.core.validators.MaxValueValidator(datetime.date(2099, 12, 31))])),
                ('plan_version', models.PositiveBigIntegerField()),
                ('promised_at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('instalment_row', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='promises', to='orders.instalment')),
            ],
            options={
                'verbose_name': 'delivery promise',
                'indexes': [models.Index(fields=['sales_order', 'line', 'instalment'], name='delivery_promise_key')],
                'constraints': [models.UniqueConstraint(fields=('plan_version', 'instalment_row'), name='delivery_promise_once_per_plan'), models.CheckConstraint(condition=models.Q(('plan_version__gt', 0), ('plan_version__lte', 4611686018427387904)), name='delivery_promise_plan_version_positive', violation_error_message='plan_version: a number above 0, up to 4611686018427387904, is expected.'), models.CheckConstraint(condition=models.Q(('qty__gt', 0), ('qty__lte', 1000000000)), name='delivery_promise_qty_positive', violation_error_message='qty: a number above 0, up to 1000000000, is expected.'), models.CheckConstraint(condition=models.Q(('requested__gte', datetime.date(1970, 1, 1)), ('requested__lte', datetime.date(2099, 12, 31))), name='delivery_promise_requested_in_calendar', violation_error_message='requested: a date from 1970-01-01 to 2099-12-31 is expected.'), models.CheckConstraint(condition=models.Q(('promised__gte', datetime.date(1970, 1, 1)), ('promised__lte', datetime.date(2099, 12, 31))), name='delivery_promise_promised_in_calendar', violation_error_message='promised: a date from 1970-01-01 to 2099-12-31 is expected.')],
            },
        ),
    ]
