package kafkaqueue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/charcoal-art/charcoal"
)

// checkTime bounds one try to make topic and group ready.
const checkTime = 15 * time.Second

// Check makes the topic and the group ready, if they are not, and fails when that
// cannot be done: Unavailable while no broker answers, and Invalid with what to
// change when one refuses.
func (q *Queue) Check(ctx context.Context) error {
	_, err := q.prepare(ctx)
	return err
}

// Lag returns how many rings wait in the topic for this group: what more workers
// would take. The store knows better how much there is to do.
func (q *Queue) Lag(ctx context.Context) (int64, error) {
	kind, err := q.kind(ctx)
	if err != nil {
		return 0, err
	}
	if kind == Share {
		return q.shareLag(ctx)
	}
	lags, err := q.admin.Lag(ctx, q.settings.Group)
	if err == nil {
		err = lags.Error()
	}
	if err != nil {
		return 0, asking("read how many rings wait", err)
	}
	return lags[q.settings.Group].Lag.Total(), nil
}

func (q *Queue) shareLag(ctx context.Context) (lag int64, err error) {
	described, err := q.admin.DescribeShareGroupOffsets(ctx, q.shareGroup())
	if err != nil {
		return 0, asking("read how many rings wait", err)
	}
	group := described[q.shareGroup()]
	err = group.Err
	group.Offsets.Each(func(o kadm.ShareOffset) {
		lag += max(o.Lag, 0) // -1: not known yet
		err = errors.Join(err, o.Err)
	})
	if err != nil {
		return 0, asking("read how many rings wait", err)
	}
	return lag, nil
}

func (q *Queue) shareGroup() string { return q.settings.Group + "-share" }

// prepare makes all ready for a consumer, and says of which kind it is to be.
func (q *Queue) prepare(ctx context.Context) (Kind, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	kind, err := q.kind(ctx)
	if err == nil {
		err = q.ensureTopic(ctx)
	}
	if err == nil && kind == Share {
		err = q.startAtEarliest(ctx)
	}
	return kind, err
}

// kind settles [Auto] by what the cluster has switched on: brokers know share
// groups before the cluster allows them.
func (q *Queue) kind(ctx context.Context) (Kind, error) {
	if q.settings.Kind != Auto {
		return q.settings.Kind, nil
	}
	resp, err := kmsg.NewPtrApiVersionsRequest().RequestWith(ctx, q.producer)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return "", asking("ask what Kafka can do", err)
	}
	share := slices.ContainsFunc(resp.FinalizedFeatures, func(f kmsg.ApiVersionsResponseFinalizedFeature) bool {
		return f.Name == "share.version" && f.MaxVersionLevel >= 1
	})
	if share {
		return Share, nil
	}
	return Classic, nil
}

// ensureTopic makes the topic when it is not there and may be made.
func (q *Queue) ensureTopic(ctx context.Context) error {
	topics, err := q.admin.ListTopics(ctx, q.settings.Topic)
	if err != nil {
		return asking("look for the topic", err)
	}
	switch err := topics[q.settings.Topic].Err; {
	case err == nil:
		return nil
	case !errors.Is(err, kerr.UnknownTopicOrPartition):
		return asking("look for the topic", err)
	case q.settings.Partitions == 0:
		return invalid("Kafka has no topic %q; make it, or say partitions=… for Charcoal to make it", q.settings.Topic)
	}
	_, err = q.admin.CreateTopic(ctx, q.settings.Partitions, q.settings.Replication, nil, q.settings.Topic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) { // another process was faster
		return asking("make the topic "+q.settings.Topic, err)
	}
	return nil
}

// startAtEarliest has the group begin with the oldest ring. By default one begins with
// what comes after its first member, and rings from before would be passed over.
// https://cwiki.apache.org/confluence/display/KAFKA/KIP-932%3A+Queues+for+Kafka
func (q *Queue) startAtEarliest(ctx context.Context) error {
	const name = "share.auto.offset.reset"
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	group := kmsg.NewIncrementalAlterConfigsRequestResource()
	group.ResourceType, group.ResourceName = kmsg.ConfigResourceTypeGroupConfig, q.shareGroup()
	reset := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	reset.Name, reset.Op, reset.Value = name, kmsg.IncrementalAlterConfigOpSet, new("earliest")
	group.Configs = append(group.Configs, reset)
	req.Resources = append(req.Resources, group)
	resp, err := req.RequestWith(ctx, q.producer)
	if err != nil {
		return asking("set where the group begins", err)
	}
	for _, r := range resp.Resources {
		if err := kerr.ErrorForCode(r.ErrorCode); err != nil {
			return asking("set "+name+" of the group "+q.shareGroup(), err)
		}
	}
	return nil
}

// asking gives a failed request its code: a refusal is for the operator to
// change, all else passes.
func asking(doing string, err error) error {
	cause := fmt.Errorf("%s: %w", doing, err)
	refusal, refused := errors.AsType[*kerr.Error](err)
	if refused && !refusal.Retriable {
		return charcoal.Errorf(charcoal.Invalid, "Kafka refuses to %s (%s)", doing, refusal.Message).Because(cause)
	}
	e := charcoal.Errorf(charcoal.Unavailable, "Kafka cannot be reached; try again shortly").Because(cause)
	e.Logged = true
	return e
}
